import type { Attributes, Link, SpanKind, Tracer } from '@opentelemetry/api';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import { createTracing } from '../../src/index.js';
import { toUnixNs } from '../../src/trace/clock.js';
import type { SpanbusSpan } from '../../src/trace/span.js';
import { MemorySink } from './support.js';

/** What a program sees of a span and what is exported of it, in one form for both. Ids are random, times are compared apart. */
export interface Seen {
  name: string;
  kind: SpanKind;
  status: unknown;
  attributes: Attributes;
  events: { name: string; attributes: Attributes | undefined }[];
  links: Link[];
  dropped: { attributes: number; events: number; links: number };
  scope: string;
  parent: string;
  traced: string;
}

export interface Side {
  tracer: Tracer;
  getTracer(name: string, version?: string): Tracer;
  exported(): Promise<{ seen: Seen; start: number; end: number; eventTimes: number[] }[]>;
}

export const sides: { ours: Side; theirs: Side } = {} as never;
export const stops: (() => Promise<void>)[] = [];

const hrMs = ([s, ns]: [number, number]): number => s * 1e3 + ns / 1e6;
const clockMs = (clock: number): number => Number(toUnixNs(clock) / 1_000n) / 1e3;

export function theirs(): Side {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  stops.push(() => provider.shutdown());
  const one = (span: ReadableSpan) => ({
    seen: {
      name: span.name,
      kind: span.kind,
      status: span.status,
      attributes: span.attributes,
      events: span.events.map((e) => ({ name: e.name, attributes: e.attributes })),
      links: span.links.map(({ context, attributes }) => ({ context, ...(attributes && { attributes }) })),
      dropped: {
        attributes: span.droppedAttributesCount,
        events: span.droppedEventsCount,
        links: span.droppedLinksCount,
      },
      scope: `${span.instrumentationScope.name}@${span.instrumentationScope.version ?? ''}`,
      parent: span.parentSpanContext?.spanId ?? '',
      traced: span.spanContext().traceId,
    },
    start: hrMs(span.startTime),
    end: hrMs(span.endTime),
    eventTimes: span.events.map((e) => hrMs(e.time)),
  });
  return {
    tracer: provider.getTracer('parity', '1.0'),
    getTracer: (name, version) => provider.getTracer(name, version),
    async exported() {
      const spans = exporter.getFinishedSpans().map(one);
      exporter.reset();
      return spans;
    },
  };
}

export function ours(): Side {
  const sink = new MemorySink();
  const tracing = createTracing({ service: 'parity', sink });
  stops.push(() => tracing.shutdown());
  const one = (span: SpanbusSpan) => ({
    seen: {
      name: span.name,
      kind: span.kind,
      status: span.status,
      attributes: span.attributes,
      events: span.events.map(({ name, attributes }) => ({ name, attributes })),
      links: [...span.links],
      dropped: {
        attributes: span.droppedAttributes ?? 0,
        events: span.droppedEvents ?? 0,
        links: span.droppedLinks ?? 0,
      },
      scope: `${span.tracer.scopeName}@${span.tracer.scopeVersion}`,
      parent: span.parentSpanId,
      traced: span.traceId,
    },
    start: clockMs(span.startTime),
    end: clockMs(span.endTime),
    eventTimes: span.events.map((e) => clockMs(e.time)),
  });
  return {
    tracer: tracing.provider.getTracer('parity', '1.0'),
    getTracer: (name, version) => tracing.provider.getTracer(name, version),
    async exported() {
      await tracing.forceFlush();
      const spans = sink.spans.map(one);
      sink.batches.length = 0;
      return spans;
    },
  };
}
