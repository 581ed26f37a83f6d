import { createContextKey, ROOT_CONTEXT, type Context, type Span } from '@opentelemetry/api';

/** The API finds a context's span under this key; keys of equal description are equal in every copy of the API. */
const SPAN_KEY = createContextKey('OpenTelemetry Context Key SPAN');
const SUPPRESS_KEY = createContextKey('OpenTelemetry SDK Context Key SUPPRESS_TRACING');

/** A context that adds one value to its parent: what the API's own does by copying a Map. */
class ContextNode implements Context {
  constructor(
    readonly parent: Context,
    readonly key: symbol,
    readonly value: unknown,
  ) {}

  getValue(key: symbol): unknown {
    if (key === this.key) return this.value;
    return this.parent === ROOT_CONTEXT ? undefined : this.parent.getValue(key);
  }

  setValue(key: symbol, value: unknown): Context {
    return new ContextNode(key === this.key ? this.parent : this, key, value);
  }

  deleteValue(key: symbol): Context {
    return this.setValue(key, undefined);
  }
}

/** `parent` with `span` as its current span; like the API's `trace.setSpan`, at a third of the cost. */
export function withSpan(parent: Context, span: Span): Context {
  // a chain of spans would keep every ancestor in memory
  const base = parent instanceof ContextNode && parent.key === SPAN_KEY ? parent.parent : parent;
  return new ContextNode(base, SPAN_KEY, span);
}

/** The span of a context, as the API's `trace.getSpan`. */
export function spanOf(context: Context): Span | undefined {
  return context === ROOT_CONTEXT ? undefined : (context.getValue(SPAN_KEY) as Span | undefined);
}

/** `parent` in which instrumentations make no spans. */
export function suppressed(parent: Context): Context {
  return new ContextNode(parent, SUPPRESS_KEY, true);
}

export function isSuppressed(context: Context): boolean {
  return context !== ROOT_CONTEXT && context.getValue(SUPPRESS_KEY) === true;
}
