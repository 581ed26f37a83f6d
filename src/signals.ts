const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** Our own handlers: they do not count as a program that handles its signals itself. */
const ours = new Set<unknown>();

/**
 * Runs `flush` when the process is asked to end or has nothing left to do. A program with its own signal handlers keeps
 * its say over when to exit; one without ends by the signal, as it would have.
 *
 * @returns a function that stops watching
 */
export function flushOnExit(flush: () => Promise<void>): () => void {
  const onSignal = (signal: NodeJS.Signals): void => {
    const alone = process.listeners(signal).every((listener) => ours.has(listener));
    void flush().finally(() => {
      stop();
      if (alone) process.kill(process.pid, signal);
    });
  };
  const onIdle = (): void => {
    stop();
    void flush();
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
