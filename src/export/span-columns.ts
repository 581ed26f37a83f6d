import { SpanKind, SpanStatusCode, type Attributes, type AttributeValue } from '@opentelemetry/api';
import { toUnixNs } from '../trace/clock.js';
import type { EndedSpan, SpanEvent, SpanResource } from '../trace/ended-span.js';
import { ByteWriter } from './byte-writer.js';
import { encodeMaps, encodeNested, encodeStrings, type Column } from './native-format.js';

/** Span kinds as otel_traces has them. */
export const KIND_NAMES: Record<SpanKind, string> = {
  [SpanKind.INTERNAL]: 'Internal',
  [SpanKind.SERVER]: 'Server',
  [SpanKind.CLIENT]: 'Client',
  [SpanKind.PRODUCER]: 'Producer',
  [SpanKind.CONSUMER]: 'Consumer',
};
const STATUSES: Record<SpanStatusCode, string> = {
  [SpanStatusCode.UNSET]: 'Unset',
  [SpanStatusCode.OK]: 'Ok',
  [SpanStatusCode.ERROR]: 'Error',
};

/** What all spans of a process share. */
export interface Resource {
  service: string;
  attributes: Attributes;
}

/** One ended span with what its sampling says of it. */
export interface ExportedSpan {
  span: EndedSpan;
  /** How many spans of its kind this one stands for. */
  weight: number;
}

/** What is stored of the resources of others; one that still grows is not remembered yet. */
const foreign = new WeakMap<SpanResource, StoredResource>();

interface StoredResource extends Resource {
  pairs: [string, string][];
}

function stored({ service, attributes }: Resource): StoredResource {
  return { service, attributes, pairs: toPairs({ ...attributes, 'service.name': service }) };
}

/** The resource of a span: its own, else the process's. */
export function resourceOf<Own extends Resource>({ resource }: EndedSpan, own: Own): Own | StoredResource {
  if (!resource) return own;
  let known = foreign.get(resource);
  if (!known) {
    const named = resource.attributes['service.name'];
    known = stored({ service: typeof named === 'string' ? named : own.service, attributes: resource.attributes });
    if (!resource.asyncAttributesPending) foreign.set(resource, known);
  }
  return known;
}

function toText(value: AttributeValue | undefined): string {
  return typeof value === 'string' ? value : Array.isArray(value) ? JSON.stringify(value) : String(value);
}

function toPairs(attributes: Attributes): [string, string][] {
  const pairs: [string, string][] = [];
  for (const key in attributes) pairs.push([key, toText(attributes[key])]);
  return pairs;
}

function numbers(write: (w: ByteWriter, row: ExportedSpan) => void): Column<ExportedSpan>['encode'] {
  return (rows) => {
    const writer = new ByteWriter(rows.length * 8);
    for (const row of rows) write(writer, row);
    return writer;
  };
}

const text = (name: string, of: (row: ExportedSpan) => string): Column<ExportedSpan> => ({
  name,
  type: 'String',
  encode: (rows) => encodeStrings(rows.map(of)),
});

const int64s = (values: bigint[]): ByteWriter => {
  const writer = new ByteWriter(values.length * 8);
  for (const value of values) writer.int64(value);
  return writer;
};

/** The columns of `otel_traces` that a span fills, in the order of an insert. */
export function spanColumns(resource: Resource): Column<ExportedSpan>[] {
  const own = stored(resource);
  const events = (rows: readonly ExportedSpan[]): (readonly SpanEvent[])[] => rows.map((row) => row.span.events);
  const links = (rows: readonly ExportedSpan[]): EndedSpan['links'][] => rows.map((row) => row.span.links);
  return [
    { name: 'Timestamp', type: 'DateTime64(9)', encode: numbers((w, { span }) => w.int64(toUnixNs(span.startTime))) },
    text('TraceId', ({ span }) => span.traceId),
    text('SpanId', ({ span }) => span.spanId),
    text('ParentSpanId', ({ span }) => span.parentSpanId),
    text('TraceState', ({ span }) => span.traceState?.serialize() ?? ''),
    text('SpanName', ({ span }) => span.name),
    text('SpanKind', ({ span }) => KIND_NAMES[span.kind] ?? KIND_NAMES[SpanKind.INTERNAL]),
    text('ServiceName', ({ span }) => resourceOf(span, own).service),
    {
      name: 'ResourceAttributes',
      type: 'Map(String, String)',
      encode: (rows) => encodeMaps(rows.map(({ span }) => resourceOf(span, own).pairs)),
    },
    text('ScopeName', ({ span }) => span.tracer.scopeName),
    text('ScopeVersion', ({ span }) => span.tracer.scopeVersion),
    {
      name: 'SpanAttributes',
      type: 'Map(String, String)',
      encode: (rows) => encodeMaps(rows.map(({ span }) => toPairs(span.attributes))),
    },
    { name: 'Duration', type: 'UInt64', encode: numbers((w, { span }) => w.uint64(span.endTime - span.startTime)) },
    text('StatusCode', ({ span }) => STATUSES[span.status.code] ?? STATUSES[SpanStatusCode.UNSET]),
    text('StatusMessage', ({ span }) => span.status.message ?? ''),
    {
      name: 'Events.Timestamp',
      type: 'Array(DateTime64(9))',
      encode: (rows) => encodeNested(events(rows), (all) => int64s(all.map((e) => toUnixNs(e.time)))),
    },
    {
      name: 'Events.Name',
      type: 'Array(String)',
      encode: (rows) => encodeNested(events(rows), (all) => encodeStrings(all.map((e) => e.name))),
    },
    {
      name: 'Events.Attributes',
      type: 'Array(Map(String, String))',
      encode: (rows) => encodeNested(events(rows), (all) => encodeMaps(all.map((e) => toPairs(e.attributes)))),
    },
    {
      name: 'Links.TraceId',
      type: 'Array(String)',
      encode: (rows) => encodeNested(links(rows), (all) => encodeStrings(all.map((l) => l.context.traceId))),
    },
    {
      name: 'Links.SpanId',
      type: 'Array(String)',
      encode: (rows) => encodeNested(links(rows), (all) => encodeStrings(all.map((l) => l.context.spanId))),
    },
    {
      name: 'Links.TraceState',
      type: 'Array(String)',
      encode: (rows) =>
        encodeNested(links(rows), (all) => encodeStrings(all.map((l) => l.context.traceState?.serialize() ?? ''))),
    },
    {
      name: 'Links.Attributes',
      type: 'Array(Map(String, String))',
      encode: (rows) => encodeNested(links(rows), (all) => encodeMaps(all.map((l) => toPairs(l.attributes ?? {})))),
    },
    { name: 'Weight', type: 'Float64', encode: numbers((w, row) => w.float64(row.weight)) },
    text('KeepReason', ({ span }) => span.keepReason),
  ];
}
