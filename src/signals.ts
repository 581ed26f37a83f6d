const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Our own handlers: they do not count as a program that handles its signals itself. */
const ours = new Set<unknown>();

/** What can be done for spans when a process ends; neither takes longer than it is told. */
export interface LastWork {
  /** Stores what has ended so far; tracing goes on. */
  flush: (timeoutMs: number) => Promise<void>;
  /** The last word. */
  shutdown: (timeoutMs: number) => Promise<void>;
}

/**
 * Sees to the spans when the process is asked to end or has nothing left to do. A program with signal handlers of its own keeps
 * its say over when to exit, and its spans until then are traced: there we only flush. One without ends by the signal, as it
 * would have, after a shutdown.
 *
 * @param budgetMs how long all of it together may hold up the end
 * @returns a function that stops watching
 */
export function watchExit({ flush, shutdown }: LastWork, budgetMs: number): () => void {
  let idleBefore = false;
  let flushedMs = 0;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!process.listeners(signal).every((listener) => ours.has(listener))) {
      void flush(budgetMs).catch(() => undefined);
      return;
    }
    void shutdown(budgetMs).finally(() => {
      stop();
      process.kill(process.pid, signal);
    });
  };
  const onIdle = (): void => {
    if (idleBefore) {
      stop();
      void shutdown(Math.max(0, budgetMs - flushedMs));
      return;
    }
    idleBefore = true;
    const began = performance.now();
    // once more round the loop: a program may do its own last work when it is idle
    void flush(budgetMs)
      .catch(() => undefined)
      .then(() => {
        flushedMs = performance.now() - began;
        setImmediate(() => undefined);
      });
  };
  const stop = (): void => {
    ours.delete(onSignal);
    for (const signal of SIGNALS) process.off(signal, onSignal);
    process.off('beforeExit', onIdle);
  };
  ours.add(onSignal);
  for (const signal of SIGNALS) process.on(signal, onSignal);
  process.on('beforeExit', onIdle);
  return stop;
}
