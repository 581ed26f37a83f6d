import { trace, type Span } from '@opentelemetry/api';
import { SpanbusSpan } from '../trace/span.js';

type Keeper = (span: Span, reason: string) => void;

/** Who keeps traces of spans that are not ours: span processors in the SDK of OpenTelemetry. */
const keepers = new Set<Keeper>();

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
  if (!span?.isRecording()) return;
  if (span instanceof SpanbusSpan) span.tracer.recorder.keep(span, reason);
  else for (const keeper of keepers) keeper(span, reason);
}
