import { trace } from '@opentelemetry/api';
import { recordError } from '../trace/record-error.js';
import { keep } from './keep.js';

function note(error: unknown, reason: string): void {
  const span = trace.getActiveSpan();
  if (!span) return;
  recordError(span, error, reason);
  keep(reason, span);
}

/**
 * Keeps the trace in which an exception or a rejection reaches the process. What then becomes of the process is the program's
 * affair, as it was: no handler is added where its absence means that the process ends.
 *
 * @returns a function that stops watching
 */
export function watchProcessFailures(): () => void {
  const onUncaught = (error: unknown, origin: NodeJS.UncaughtExceptionOrigin): void =>
    note(error, origin === 'unhandledRejection' ? 'unhandled_rejection' : 'uncaught_exception');
  const onRejection = (error: unknown): void => note(error, 'unhandled_rejection');
  // a program that handles rejections itself never gets to the monitor: ours then goes before theirs, and changes nothing
  const join = (): void => {
    const listeners = process.listeners('unhandledRejection');
    if (listeners.length > 0 && !listeners.includes(onRejection))
      process.prependListener('unhandledRejection', onRejection);
  };
  const leave = (event: string | symbol): void => {
    if (event !== 'unhandledRejection') return;
    // alone, our listener would keep a process alive that was to end
    if (process.listeners('unhandledRejection').every((listener) => listener === onRejection)) {
      process.off('unhandledRejection', onRejection);
    }
  };
  const onChange = (event: string | symbol, listener: unknown): void => {
    if (event === 'unhandledRejection' && listener !== onRejection) queueMicrotask(join);
  };
  process.on('uncaughtExceptionMonitor', onUncaught);
  join();
  process.on('newListener', onChange).on('removeListener', leave);
  return () => {
    process.off('newListener', onChange).off('removeListener', leave);
    process.off('uncaughtExceptionMonitor', onUncaught);
    process.off('unhandledRejection', onRejection);
  };
}
