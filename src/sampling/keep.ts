import { trace, type Span } from '@opentelemetry/api';
import { SpanbusSpan } from '../trace/span.js';
import type { TailSampler } from './tail-sampler.js';

/**
 * Has the trace of the active span (or of `span`) kept whole, in every process that it touched.
 *
 * @param reason a short word that says why; it is shown with the trace
 */
export function keep(reason: string, span: Span | undefined = trace.getActiveSpan()): void {
  if (span instanceof SpanbusSpan && span.isRecording()) (span.tracer.recorder as TailSampler).keep(span, reason);
}
