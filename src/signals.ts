const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Our own handlers: they do not count as a program that handles its signals itself. */
const ours = new Set<unknown>();

/** What can be done for spans when a process ends. */
export interface LastWork {
  /** Stores what has ended so far; tracing goes on. */
  flush: () => Promise<void>;
  /** The last word. */
  shutdown: () => Promise<void>;
}

/**
 * Sees to the spans when the process is asked to end or has nothing left to do. A program with signal handlers of its own keeps
 * its say over when to exit, and its spans until then are traced: there we only flush. One without ends by the signal, as it
 * would have, after a shutdown.
 *
 * @returns a function that stops watching
 */
export function watchExit({ flush, shutdown }: LastWork): () => void {
  let idleBefore = false;
  const onSignal = (signal: NodeJS.Signals): void => {
    if (!process.listeners(signal).every((listener) => ours.has(listener))) {
      void flush().catch(() => undefined);
      return;
    }
    void shutdown().finally(() => {
      stop();
      process.kill(process.pid, signal);
    });
  };
  const onIdle = (): void => {
    if (idleBefore) {
      stop();
      void shutdown();
      return;
    }
    idleBefore = true;
    // once more round the loop: a program may do its own last work when it is idle
    void flush()
      .catch(() => undefined)
      .then(() => setImmediate(() => undefined));
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
