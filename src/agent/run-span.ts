import { context, isSpanContextValid, trace, type Span, type SpanOptions } from '@opentelemetry/api';
import { withSpan } from '../trace/context.js';
import { followResult } from './follow-result.js';
import { attempt } from './ignored.js';
import { OpenCall, type OnValue } from './open-call.js';

/** The tracer of agent spans: whichever provider is registered, ours or OpenTelemetry's. */
const SCOPE = 'spanbus/agent';

/**
 * Runs `fn` inside a new span, which ends when what `fn` returned is complete: a value, a settled promise, the last chunk of an
 * async iterator or stream. What `fn` throws fails the span and is thrown on, untouched.
 *
 * @param onValue sees the result, or the array of streamed chunks, before the span ends
 */
export function runSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T, onValue?: OnValue): T {
  const parent = context.active();
  const tracer = trace.getTracer(SCOPE);
  const span =
    attempt(name, () => tracer.startSpan(name, options, parent)) ??
    tracer.startSpan(name, { kind: options.kind! }, parent);
  // nobody traces: what the program returns is none of our business
  if (!isSpanContextValid(span.spanContext())) return fn(span);
  const call = new OpenCall(span, withSpan(parent, span), span.isRecording() ? onValue : undefined);
  let result: T;
  try {
    result = call.run(() => fn(span));
  } catch (error) {
    call.fail(error);
    throw error;
  }
  return followResult(result, call);
}
