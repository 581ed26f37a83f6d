import {
  context,
  propagation,
  ROOT_CONTEXT,
  trace,
  type Context,
  type Link,
  type Span,
  type TextMapSetter,
  type Tracer,
} from '@opentelemetry/api';
import { withSpan, type SpanGetter, type SpanSetter } from '../../src/index.js';
import type { Destination } from './destination.js';
import type { Envelope, EnvelopeHeaders } from './envelope.js';
import { recordFailure } from './failures.js';

/** What a message brought along: an envelope, or the trace fields of a stream's entry. */
export type Carrier = Pick<Envelope, 'get' | 'keys'> & Partial<Pick<Envelope, 'span'>>;

export const carrierGetter: SpanGetter<Carrier> = {
  getSpan: (carrier) => carrier.span,
  get: (carrier, key) => carrier.get(key),
  keys: (carrier) => carrier.keys(),
};

export const headerSetter: TextMapSetter<Pick<EnvelopeHeaders, 'set'>> = {
  set: (carrier, key, value) => carrier.set(key, value),
};

export const envelopeSetter: SpanSetter<EnvelopeHeaders> = {
  ...headerSetter,
  setSpan: (carrier, span, traceState) => carrier.setSpan(span, traceState),
};

/** The context of a message's sender. */
export function senderOf(carrier: Carrier | undefined): Context {
  return carrier ? propagation.extract(ROOT_CONTEXT, carrier, carrierGetter) : ROOT_CONTEXT;
}

/** A link to a message's sender; undefined when it did not say who it was. */
export function linkTo(carrier: Carrier | undefined): Link | undefined {
  const context = carrier && trace.getSpanContext(senderOf(carrier));
  return context && { context };
}

/** A span for handling a message, and the context to do it in. */
export interface Processing {
  readonly span: Span;
  readonly context: Context;
}

/** Starts the span of a message as a child of its sender's, or within `inside`, linked to its sender. */
export function startProcessing(
  tracer: Tracer,
  { name, options }: Destination,
  carrier: Carrier | undefined,
  inside?: Context,
): Processing {
  const parent = inside ?? senderOf(carrier);
  const link = inside && linkTo(carrier);
  const span = tracer.startSpan(name, link ? { ...options, links: [link] } : options, parent);
  return { span, context: withSpan(parent, span) };
}

export const isThenable = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';

/**
 * Calls listeners in a message's context; its span ends when all that they returned has settled. What they throw is thrown,
 * and what they reject with is still an unhandled rejection, as it would be without us.
 */
export function callListeners(
  { span, context: own }: Processing,
  call: () => PromiseLike<unknown>[] | undefined,
): void {
  let promises: PromiseLike<unknown>[] | undefined;
  try {
    promises = context.with(own, call);
  } catch (error) {
    recordFailure(span, error);
    span.end();
    throw error;
  }
  if (promises) endAfter(span, promises);
  else span.end();
}

function endAfter(span: Span, promises: PromiseLike<unknown>[]): void {
  let waiting = promises.length;
  const settled = (): void => {
    if (--waiting === 0) span.end();
  };
  for (const promise of promises) {
    void promise.then(settled, (error: unknown) => {
      recordFailure(span, error);
      settled();
      throw error;
    });
  }
}
