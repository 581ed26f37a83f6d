import { diag, trace, type Span } from '@opentelemetry/api';
import { isOurs } from '../trace/span.js';

type Keeper = (span: Span, reason: string) => void;

const KEY = Symbol.for('spanbus.keepers.1');

/**
 * Who keeps traces of spans that are not ours: span processors in the SDK of OpenTelemetry. One set, however many copies of this
 * code are loaded.
 */
const keepers: Set<Keeper> = ((globalThis as { [KEY]?: Set<Keeper> })[KEY] ??= new Set());

/** @returns a function that takes the keeper away again */
export function addKeeper(keeper: Keeper): () => void {
  keepers.add(keeper);
  return () => keepers.delete(keeper);
}

/**
 * Has the trace of the active span (or of `span`) kept whole, in every process that it touched.
 *
 * @param reason a short word that says why; it is shown with the trace
 */
export function keep(reason: string, span: Span | undefined = trace.getActiveSpan()): void {
  try {
    if (!span?.isRecording()) return;
    if (typeof reason !== 'string') throw new TypeError('a reason is a text');
    if (isOurs(span)) span.tracer.recorder.keep(span, reason);
    else for (const keeper of keepers) keeper(span, reason);
  } catch (error) {
    // whose trace it is has nothing to do with it
    diag.warn('spanbus: keep got what it cannot use, and ignored it', error);
  }
}
