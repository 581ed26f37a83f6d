import {
  context,
  diag,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
} from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTracing, InvalidOptionError, type Tracing, type TracingOptions } from '../../src/index.js';
import { now, syncClock, toUnixNs } from '../../src/trace/clock.js';
import { newSpanId, newTraceId } from '../../src/trace/ids.js';
import { MemorySink } from './support.js';

const sink = new MemorySink();
let tracing: Tracing = createTracing({ service: 'core', sink });

afterEach(async () => {
  await tracing.shutdown();
  sink.batches.length = 0;
  tracing = createTracing({ service: 'core', sink });
});

async function exported() {
  await tracing.forceFlush();
  return sink.spans;
}

describe('a shutdown', () => {
  it('counts what was lost also when the clock is set back meanwhile', async () => {
    const silent = { send: () => new Promise<void>(() => undefined), close: async () => undefined };
    const stopped = createTracing({ sink: silent });
    for (let i = 0; i < 7; i++) stopped.tracer.startSpan('lost').end();
    let clock = Date.now();
    const wallClock = vi.spyOn(Date, 'now').mockImplementation(() => (clock -= 1000));
    await stopped.shutdown(50).finally(() => wallClock.mockRestore());
    expect(stopped.stats().export).toMatchObject({ queued: 0, exported: 0, dropped: { shutdown: 7 } });
  });
});

describe('ids', () => {
  it('are lower-case hex, unlike each other, of all 2^56 random low bits', () => {
    const ids = new Set(Array.from({ length: 10_000 }, newTraceId));
    expect(ids.size).toBe(10_000);
    for (const id of ids) expect(id).toMatch(/^[0-9a-f]{32}$/);
    expect(newSpanId()).toMatch(/^[0-9a-f]{16}$/);
    const digits = new Set([...ids].map((id) => id[18]));
    expect(digits.size).toBe(16);
  });
});

describe('the clock', () => {
  it('is the wall clock', () => {
    expect(Math.abs(Number(toUnixNs(now()) / 1_000_000n) - Date.now())).toBeLessThan(50);
  });

  it('never runs backwards, though the wall clock is set back an hour', () => {
    let last = now();
    for (let i = 0; i < 10_000; i++) {
      if (i % 1000 === 0) syncClock(Date.now() - 3_600_000);
      const next = now();
      expect(next).toBeGreaterThanOrEqual(last);
      last = next;
    }
    syncClock();
  });

  it('follows a wall clock that jumped ahead', () => {
    const ahead = Date.now() + 60_000;
    syncClock(ahead);
    expect(Math.abs(Number(toUnixNs(now()) / 1_000_000n) - ahead)).toBeLessThan(50);
  });
});

describe('a span', () => {
  it('starts a trace, and its children join it', async () => {
    const parent = tracing.tracer.startSpan('parent');
    const child = tracing.tracer.startSpan('child', { kind: SpanKind.CLIENT }, trace.setSpan(ROOT_CONTEXT, parent));
    child.end();
    parent.end();
    const [first, second] = await exported();
    expect(first).toMatchObject({ name: 'child', kind: SpanKind.CLIENT, traceId: second!.traceId });
    expect(first!.parentSpanId).toBe(second!.spanId);
    expect(second!.parentSpanId).toBe('');
    expect(first!.startTime).toBeGreaterThanOrEqual(second!.startTime);
    expect(first!.endTime).toBeLessThanOrEqual(second!.endTime);
  });

  it('is active in what startActiveSpan runs', async () => {
    tracing.register();
    tracing.tracer.startActiveSpan('outer', (outer) => {
      expect(trace.getSpan(context.active())).toBe(outer);
      tracing.tracer.startActiveSpan('inner', { attributes: { a: 1 } }, (inner) => inner.end());
      outer.end();
    });
    const [inner, outer] = await exported();
    expect(inner!.parentSpanId).toBe(outer!.spanId);
    trace.disable();
    context.disable();
  });

  it('shares a frozen attributes object until it is changed', async () => {
    const attributes = Object.freeze({ shared: 'yes' });
    const a = tracing.tracer.startSpan('a', { attributes });
    const b = tracing.tracer.startSpan('b', { attributes }).setAttribute('own', 1);
    a.end();
    b.end();
    const [first, second] = await exported();
    expect(first!.attributes).toBe(attributes);
    expect(second!.attributes).toEqual({ shared: 'yes', own: 1 });
    expect(attributes).toEqual({ shared: 'yes' });
  });

  it('ends once, and nothing changes it afterwards', async () => {
    const span = tracing.tracer.startSpan('one');
    span.end();
    span.setAttribute('late', true).updateName('late').addEvent('late').setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    expect(span.isRecording()).toBe(false);
    const spans = await exported();
    expect(spans).toHaveLength(1);
    expect(spans[0]).toMatchObject({ name: 'one', attributes: {}, events: [], status: { code: SpanStatusCode.UNSET } });
  });

  it('never ends before it started', async () => {
    tracing.tracer.startSpan('backwards', { startTime: Date.now() }).end(Date.now() - 1000);
    const [span] = await exported();
    expect(span!.endTime).toBe(span!.startTime);
  });

  it('takes 128 attributes and counts the rest', async () => {
    const span = tracing.tracer.startSpan('many');
    for (let i = 0; i < 200; i++) span.setAttribute(`k${i}`, i);
    span.end();
    const [one] = await exported();
    expect(Object.keys(one!.attributes)).toHaveLength(128);
    expect(one!.droppedAttributes).toBe(72);
  });
});

describe('createTracing', () => {
  it.each([
    ['a ratio over 1', { sampling: { ratio: 2 } }],
    ['a ratio that is no number', { sampling: { ratio: Number.NaN } }],
    ['a URL that is none', { clickhouse: { url: 'localhost:8123' } }],
    ['a queue of no bytes', { queue: { maxBytes: 0 } }],
    ['a length below zero', { capture: { maxAttributeBytes: -1 } }],
    ['a service that is no text', { service: 5 }],
    ['an option that is not known', { sampling: { rate: 0.1 } }],
    ['a group that is none', { queue: 'big' }],
    ['nothing at all', null],
    ['a rule without a ratio', { sampling: { rules: [{ agent: 'a' }] } }],
    ['a rule that is none', { sampling: { rules: ['a'] } }],
    ['a limit that is no number', { sampling: { keep: { slowerThanMs: Number.NaN } } }],
  ])('refuses %s, in one line', (_, options) => {
    const create = () => createTracing(options as TracingOptions);
    expect(create).toThrow(InvalidOptionError);
    expect(create).toThrow(/^[^\n]+$/);
  });

  it('names the options there are, for one that is not known', () => {
    expect(() => createTracing({ sampling: { rate: 0.1 } } as TracingOptions)).toThrow(
      /^sampling\.rate: there is no such option; there are ratio, rules, /,
    );
  });

  it('takes options that are undefined for not given, and an empty variable for unset', () => {
    process.env['OTEL_TRACES_SAMPLER'] = 'traceidratio';
    process.env['OTEL_TRACES_SAMPLER_ARG'] = '';
    const { tracer } = createTracing({ sink, service: undefined, sampling: { ratio: undefined } } as object);
    delete process.env['OTEL_TRACES_SAMPLER'];
    delete process.env['OTEL_TRACES_SAMPLER_ARG'];
    expect(tracer.startSpan('x').spanContext().traceFlags & TraceFlags.SAMPLED).toBe(1);
  });

  it('never tells the password of a URL', () => {
    const create = () => createTracing({ clickhouse: { url: 'ftp://me:secret@host' } });
    expect(create).toThrow(/^clickhouse.url: "ftp:\/\/host" is not an http or https URL$/);
  });

  it('leaves a program alone whose tracing is disabled by its environment', () => {
    process.env['OTEL_SDK_DISABLED'] = 'true';
    const disabled = createTracing({ sink }).register();
    delete process.env['OTEL_SDK_DISABLED'];
    expect(trace.getTracer('x').startSpan('x').isRecording()).toBe(false);
    expect(disabled.tracer.startSpan('x').isRecording()).toBe(false);
    expect(disabled.provider.getTracer('x').startSpan('x').isRecording()).toBe(false);
  });

  it('says in one line that another provider is registered already, and changes nothing', () => {
    const lines: string[] = [];
    const error = (line: string): void => void lines.push(line);
    const logger = { error, warn: error, info: () => undefined, debug: () => undefined, verbose: () => undefined };
    propagation.disable();
    diag.setLogger(logger);
    tracing.register();
    tracing.register();
    expect(lines).toEqual([]);
    createTracing({ sink }).register();
    trace.getTracer('x').startSpan('x').end();
    expect(tracing.stats().sampling.ended).toBe(1);
    expect(lines).toHaveLength(1);
    expect(lines[0]).toMatch(/^spanbus records nothing: another tracer provider is registered already.*[^\n]$/);
    diag.disable();
    trace.disable();
    context.disable();
    propagation.disable();
  });
});
