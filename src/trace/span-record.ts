import type { Link, TraceState } from '@opentelemetry/api';
import { W3CTraceState } from '../propagation/trace-state.js';
import type { EndedSpan, InstrumentationScope, SpanResource } from './ended-span.js';

type Plain<T> = Omit<T, 'traceState' | 'tracer' | 'resource' | 'links'> & {
  traceState: string | undefined;
  /** Its place among the references. */
  tracer: number;
};

/**
 * A span as plain data, for `node:v8` to serialise: all that is stored of it. Its scope and resource stay in memory, as references:
 * a process has few of them, and a resource may still grow.
 */
export interface SpanRecord extends Plain<EndedSpan> {
  resource: number | undefined;
  links: LinkRecord[];
}

type LinkRecord = Pick<Link, 'attributes'> & {
  context: { traceId: string; spanId: string; traceFlags: number; traceState: string | undefined };
};

/** The place of an object among those that stay in memory. */
export function refer(references: object[], one: object): number {
  const known = references.indexOf(one);
  return known < 0 ? references.push(one) - 1 : known;
}

/** @throws whatever a foreign trace state throws */
export function toRecord(span: EndedSpan, references: object[]): SpanRecord {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    parentSpanId: span.parentSpanId,
    traceFlags: span.traceFlags,
    traceState: span.traceState?.serialize(),
    kind: span.kind,
    startTime: span.startTime,
    endTime: span.endTime,
    tracer: refer(references, span.tracer),
    resource: span.resource && refer(references, span.resource),
    name: span.name,
    attributes: span.attributes,
    events: span.events,
    links: span.links.map(({ context: { traceId, spanId, traceFlags, traceState }, attributes }) => ({
      context: { traceId, spanId, traceFlags, traceState: traceState?.serialize() },
      ...(attributes && { attributes }),
    })),
    status: span.status,
    keepReason: span.keepReason,
    content: span.content,
  };
}

export function fromRecord(record: SpanRecord, references: readonly object[]): EndedSpan {
  return {
    ...record,
    traceState: toState(record.traceState),
    tracer: references[record.tracer] as InstrumentationScope,
    resource: record.resource === undefined ? undefined : (references[record.resource] as SpanResource),
    links: record.links.map(({ context, ...rest }) => {
      const traceState = toState(context.traceState);
      const { traceId, spanId, traceFlags } = context;
      return { ...rest, context: { traceId, spanId, traceFlags, ...(traceState && { traceState }) } };
    }),
  };
}

/** A trace state that reads as it was written, also when another library wrote it by rules that are not ours. */
export function toState(text: string | undefined): TraceState | undefined {
  if (text === undefined) return undefined;
  const state = W3CTraceState.parse(text);
  return {
    get: (key) => state.get(key),
    set: (key, value) => state.set(key, value),
    unset: (key) => state.unset(key),
    serialize: () => text,
  };
}
