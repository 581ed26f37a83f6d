import { SpanStatusCode, type Span } from '@opentelemetry/api';

/** The name by which errors of a kind are counted: the given one, the error's own `name`, or `_OTHER`. */
function typeOf(error: unknown): string {
  if (error instanceof Error) return error.name || error.constructor.name;
  return typeof error === 'string' ? 'string' : '_OTHER';
}

/** What was thrown, in words; a value that cannot be put in words must not hide what the traced code threw. */
export function textOf(value: unknown): string {
  try {
    return String(value);
  } catch {
    return Object.prototype.toString.call(value);
  }
}

/** An error's stack; undefined where a program formats stacks in a way of its own, which need not give text and may throw. */
export function stackOf(error: { stack?: unknown }): string | undefined {
  try {
    return typeof error.stack === 'string' ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Marks a span as failed: status Error, `error.type`, and an `exception` event with type, message and stack.
 *
 * @param type a low-cardinality name for the failure; the error's own name when left out
 */
export function recordError(span: Span, error: unknown, type: string = typeOf(error)): void {
  const message = error instanceof Error ? error.message : textOf(error);
  span.setAttribute('error.type', type);
  span.recordException(error instanceof Error ? error : { name: type, message });
  span.setStatus({ code: SpanStatusCode.ERROR, message });
}
