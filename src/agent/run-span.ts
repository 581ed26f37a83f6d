import { context, trace, type Span, type SpanOptions } from '@opentelemetry/api';
import { withSpan } from '../trace/context.js';
import { recordError } from '../trace/record-error.js';

/** The tracer of agent spans: whichever provider is registered, ours or OpenTelemetry's. */
const SCOPE = 'spanbus/agent';

/**
 * Runs `fn` inside a new span and ends it when `fn` has returned, or when the promise it returned has settled. What `fn`
 * throws fails the span and is thrown on, untouched.
 */
export function runSpan<T>(name: string, options: SpanOptions, fn: (span: Span) => T): T {
  const parent = context.active();
  const span = trace.getTracer(SCOPE).startSpan(name, options, parent);
  const fail = (error: unknown): never => {
    recordError(span, error);
    span.end();
    throw error;
  };
  let result: T;
  try {
    result = context.with(withSpan(parent, span), fn, undefined, span);
  } catch (error) {
    return fail(error);
  }
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') {
    span.end();
    return result;
  }
  const settled = (result as PromiseLike<unknown>).then((value) => {
    span.end();
    return value;
  }, fail);
  return settled as T;
}
