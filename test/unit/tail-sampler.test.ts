import { SpanKind, SpanStatusCode, trace, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createTracing, keep, keepHub, propagator, type Tracing, type TracingOptions } from '../../src/index.js';
import { HeadSampler } from '../../src/sampling/head-sampler.js';
import { headWeight } from '../../src/sampling/head-weight.js';
import { KeepBudget, randomOf } from '../../src/sampling/keep-budget.js';
import { decodeKeeps, encodeKeeps } from '../../src/sampling/keep-message.js';
import { newTraceId, traceWordsOf } from '../../src/trace/ids.js';
import type { SpanbusSpan } from '../../src/trace/span.js';
import { MemorySink } from './support.js';

let tracing: Tracing | undefined;
afterEach(async () => {
  await tracing?.shutdown();
  tracing = undefined;
});

const headAt = (ratio: number) => new HeadSampler({ ratio, rules: [], tracesPerSecond: Infinity });

/** A process's tracing at ratio 0: what is stored was kept. */
function start(sampling: TracingOptions['sampling'] = {}) {
  const sink = new MemorySink();
  tracing = createTracing({ service: 's', sink, sampling: { ratio: 0, ...sampling } });
  const { tracer } = tracing;
  const child = (parent: Span, name: string): Span => tracer.startSpan(name, {}, trace.setSpan(ROOT_CONTEXT, parent));
  const fail = (span: Span): void => {
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
  };
  const stored = async (): Promise<string[]> => {
    await tracing!.forceFlush();
    return sink.spans.map((span) => span.name);
  };
  return { tracing, tracer, sink, child, fail, stored };
}

describe('a trace that the head did not sample', () => {
  it('is not stored while nothing happens to it', async () => {
    const { tracer, stored, tracing } = start();
    tracer.startSpan('fine').end();
    expect(await stored()).toEqual([]);
    expect(tracing.stats().sampling).toMatchObject({ ended: 1, buffered: 1 });
  });

  it('is stored whole when one of its spans fails: what ended before, and what ends later', async () => {
    const { tracer, child, fail, stored, sink } = start();
    const root = tracer.startSpan('root');
    child(root, 'before').end();
    tracer.startSpan('another trace').end();
    fail(child(root, 'failed'));
    child(root, 'after').end();
    root.end();
    expect(await stored()).toEqual(['before', 'failed', 'after', 'root']);
    expect(sink.spans.map((s) => s.keepReason)).toEqual(['', 'error', '', '']);
    expect(sink.rows.every((row) => row.weight === 1)).toBe(true);
  });

  it.each([
    ['slow', { slowerThanMs: 10 }, { startTime: Date.now() - 100 }],
    [
      'tokens',
      { moreTokensThan: 99 },
      { attributes: { 'gen_ai.usage.input_tokens': 60, 'gen_ai.usage.output_tokens': 40 } },
    ],
  ])('is kept when a span is over the limit of %s', async (reason, rules, options) => {
    const { tracer, stored, sink } = start({ keep: rules });
    tracer.startSpan('quick').end();
    tracer.startSpan('over', options).end();
    expect(await stored()).toEqual(['over']);
    expect(sink.spans[0]!.keepReason).toBe(reason);
  });

  it.each(['timeout', 'no_responders'])('says so when the failure was %s', async (type) => {
    const { tracer, fail, stored, sink } = start();
    fail(tracer.startSpan('call', { kind: SpanKind.CLIENT, attributes: { 'error.type': type } }));
    await stored();
    expect(sink.spans[0]!.keepReason).toBe(type);
  });

  it('is kept when the user says so, for a reason in one word', async () => {
    const { tracer, child, stored, sink } = start();
    const root = tracer.startSpan('root');
    child(root, 'child').end();
    keep('looks odd; to me', root);
    expect(await stored()).toEqual(['child']);
    root.end();
    expect(await stored()).toEqual(['child', 'root']);
    expect(sink.spans[1]!.keepReason).toBe('looks_odd_to_me');
  });

  it('is kept by another copy of this code, as ESM and CommonJS in one process are', async () => {
    const { tracer, stored } = start();
    const span = tracer.startSpan('asked for');
    vi.resetModules();
    const copy = await import('../../src/index.js');
    expect(copy.keep).not.toBe(keep);
    copy.keep('mine', span);
    span.end();
    expect(await stored()).toEqual(['asked for']);
  });

  it('is not kept for an error when errors are not to be kept', async () => {
    const { tracer, fail, stored } = start({ keep: { errors: false } });
    fail(tracer.startSpan('failed'));
    expect(await stored()).toEqual([]);
  });
});

describe('a keep between processes', () => {
  it('goes out once on the bus, and in the tracestate of later calls', async () => {
    const { tracer, child, fail } = start();
    const sent: Uint8Array[] = [];
    const remove = keepHub().addChannel({ send: (message) => void sent.push(message) });
    const root = tracer.startSpan('root');
    fail(child(root, 'failed'));
    fail(child(root, 'failed again'));
    keepHub().flush();
    remove();
    expect(sent).toHaveLength(1);
    const { traceId } = root.spanContext();
    expect(decodeKeeps(sent[0]!)!.keeps).toEqual([{ traceId, reason: 'error', weight: 1 }]);
    const headers: Record<string, string> = {};
    propagator.inject(trace.setSpan(ROOT_CONTEXT, root), headers, {
      set: (c, k, v) => void ((c as typeof headers)[k] = v),
    });
    expect(headers['tracestate']).toBe('spanbus=k:error');
  });

  it('is heard from the bus, and never sent again', async () => {
    const { tracer, stored, tracing } = start();
    const sent: Uint8Array[] = [];
    const remove = keepHub().addChannel({ send: (message) => void sent.push(message) });
    const span = tracer.startSpan('bystander');
    span.end();
    const { traceId } = span.spanContext();
    const keeps = [{ traceId, reason: 'error', weight: 1 }];
    keepHub().receive(encodeKeeps({ from: 'elsewhere', at: Date.now(), share: 1, keeps }));
    keepHub().receive(encodeKeeps({ from: 'elsewhere', at: Date.now(), share: 1, keeps }));
    keepHub().flush();
    remove();
    expect(await stored()).toEqual(['bystander']);
    expect(tracing.stats().sampling).toMatchObject({ heard: 1, promoted: 1, kept: {} });
    expect(sent).toEqual([]);
  });

  it('weighs as whoever keeps most says, though that is heard later', async () => {
    const { tracer, stored, sink, tracing } = start();
    const span = tracer.startSpan('bystander');
    span.end();
    const { traceId } = span.spanContext();
    const hear = (weight: number): void => {
      const keeps = [{ traceId, reason: 'error', weight }];
      keepHub().receive(encodeKeeps({ from: 'elsewhere', at: Date.now(), share: 1, keeps }));
    };
    for (const weight of [8, 2, 4]) hear(weight);
    tracer.startSpan('later', {}, trace.setSpan(ROOT_CONTEXT, span)).end();
    await stored();
    expect(sink.rows.map((row) => row.weight)).toEqual([8, 2]);
    expect(tracing.stats().sampling.heard).toBe(1);
  });

  it('goes out with all others at once when the process ends', () => {
    const { tracer, fail } = start({ keepsPerSecond: 100_000 });
    const sent: Uint8Array[] = [];
    const remove = keepHub().addChannel({ send: (message) => void sent.push(message) });
    for (let i = 0; i < 1700; i++) fail(tracer.startSpan('failed'));
    keepHub().flush();
    remove();
    expect(sent.flatMap((message) => decodeKeeps(message)!.keeps)).toHaveLength(1700);
  });

  it('is heard from the tracestate of a call', async () => {
    const { tracer, stored } = start();
    const traceId = newTraceId();
    const carrier = { traceparent: `00-${traceId}-00f067aa0ba902b7-02`, tracestate: 'spanbus=k:timeout' };
    const context = propagator.extract(ROOT_CONTEXT, carrier, {
      get: (c, k) => (c as Record<string, string>)[k],
      keys: (c) => Object.keys(c as object),
    });
    tracer.startSpan('called', {}, context).end();
    expect(await stored()).toEqual(['called']);
  });

  it.each([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a number', '1'],
    ['null', 'null'],
    ['another version', '{"v":2,"from":"x","share":1,"keeps":[]}'],
    ['no list', '{"v":1,"from":"x","share":1,"keeps":{}}'],
    ['entries of nonsense', '{"v":1,"from":"x","share":-1,"keeps":[1,null,[],["zz","r",1],[{},{},{}]]}'],
    ['far too much', 'x'.repeat(100_000)],
  ])('is not troubled by a stranger who sends %s', (_, text) => {
    const { tracing } = start();
    keepHub().receive(Buffer.from(text));
    expect(tracing.stats().sampling).toMatchObject({ heard: 0, share: 1 });
  });
});

describe('the buffer', () => {
  it('takes nothing after the shutdown, and counts what comes', async () => {
    const { tracer, fail, tracing } = start();
    await tracing.shutdown();
    for (let i = 0; i < 10; i++) tracer.startSpan('late').end();
    fail(tracer.startSpan('failed late'));
    expect(tracing.stats().sampling).toMatchObject({ buffered: 0, bufferedBytes: 0, afterShutdown: 11, kept: {} });
  });

  it('stays in its bytes, gives up the oldest spans, and counts them and their traces', async () => {
    const { tracer, child, fail, stored, tracing } = start({ bufferBytes: 16_000 });
    const roots = Array.from({ length: 100 }, (_, i) => tracer.startSpan(`root${i}`));
    for (const root of roots) for (let i = 0; i < 4; i++) child(root, 'child').end();
    const stats = tracing.stats().sampling;
    expect(stats.bufferedBytes).toBeLessThanOrEqual(16_000);
    expect(stats.buffered).toBeGreaterThan(200);
    expect(stats.evictedSpans).toBe(400 - stats.buffered);
    expect(stats.evictedTraces).toBe(Math.ceil(stats.evictedSpans / 4));
    fail(roots[99]!);
    expect(await stored()).toHaveLength(5);
    fail(roots[0]!);
    expect(await stored()).toHaveLength(6);
    expect(tracing.stats().sampling.missed).toBe(1);
    expect(stats.horizonMs).toBeGreaterThan(0);
  });

  it('counts what spans do not share against its bytes, however few they are', () => {
    const { tracer, tracing } = start({ bufferBytes: 100_000 });
    for (let i = 0; i < 100; i++) tracer.startSpan('large', { attributes: { text: 'x'.repeat(5_000) } }).end();
    const stats = tracing.stats().sampling;
    expect(stats.bufferedBytes).toBeLessThanOrEqual(100_000);
    expect(stats.buffered).toBeGreaterThan(10);
    expect(stats.buffered + stats.evictedSpans).toBe(100);
  });

  it('counts names that no two spans have in common', () => {
    const { tracer, tracing } = start({ bufferBytes: 100_000 });
    for (let i = 0; i < 1_000; i++) tracer.startSpan(`${i} ${'x'.repeat(900)}`).end();
    const stats = tracing.stats().sampling;
    expect(stats.bufferedBytes).toBeLessThanOrEqual(100_000);
    expect(stats.buffered).toBeGreaterThan(10);
    expect(stats.buffered).toBeLessThan(110);
  });

  it('gives back every span as it was, with attributes shared or not', async () => {
    const { tracer, fail, stored, sink } = start();
    const shared = Object.freeze({ 'messaging.system': 'nats' });
    const root = tracer.startSpan('root');
    const parent = trace.setSpan(ROOT_CONTEXT, root);
    const made = [
      tracer.startSpan('plain', { kind: SpanKind.CLIENT, attributes: shared }, parent),
      tracer.startSpan('other name', { kind: SpanKind.CLIENT, attributes: shared }, parent),
      tracer.startSpan('other kind', { kind: SpanKind.SERVER, attributes: shared }, parent),
      tracer.startSpan('own', { attributes: { a: 1 } }, parent),
      tracer.startSpan('event', { attributes: shared }, parent).addEvent('e', { b: 2 }),
    ] as SpanbusSpan[];
    const wanted = made.map((span) => {
      span.end();
      const { name, kind, traceId, spanId, parentSpanId, startTime, endTime, traceFlags, attributes } = span;
      return {
        name,
        kind,
        traceId,
        spanId,
        parentSpanId,
        startTime,
        endTime,
        traceFlags,
        attributes: { ...attributes },
      };
    });
    fail(root);
    await stored();
    const spans = wanted.map(({ spanId }) => sink.spans.find((span) => span.spanId === spanId));
    expect(spans).toMatchObject(wanted);
    expect(spans[4]!.events).toMatchObject([{ name: 'e' }]);
  });

  it('finds every trace again among 50,000, through growth and wrap-around', async () => {
    const { tracer, child, fail, stored } = start({ bufferBytes: 64 << 20 });
    const traces = Array.from({ length: 50_000 }, (_, i) => {
      const root = tracer.startSpan(`root${i}`);
      child(root, 'a').end();
      return root;
    });
    for (const root of traces) child(root, 'b').end();
    for (let i = 0; i < 50_000; i += 997) fail(traces[i]!);
    const names = await stored();
    expect(names.filter((n) => n === 'a')).toHaveLength(51);
    expect(names.filter((n) => n === 'b')).toHaveLength(51);
    expect(names).toHaveLength(153);
  });
});

describe('a million head decisions', () => {
  it.each([1, 0.5, 0.1, 0.01, 0.001, 0.0001])(
    'have the right share and weights at ratio %d, and processes agree',
    (ratio) => {
      const [one, other] = [headAt(ratio), headAt(ratio)];
      const n = 1_000_000;
      let sampled = 0;
      let estimate = 0;
      for (let i = 0; i < n; i++) {
        const id = newTraceId();
        const decision = one.decide(traceWordsOf(id), {});
        if (other.decide(traceWordsOf(id), {}).flags !== decision.flags)
          throw new Error(`${id} is sampled here and not there`);
        if (!(decision.flags & 1)) continue;
        sampled++;
        estimate += headWeight(decision.state);
      }
      const deviation = Math.sqrt(n * ratio * (1 - ratio));
      expect(Math.abs(sampled - n * ratio)).toBeLessThanOrEqual(5 * deviation);
      expect(Math.abs(estimate - n)).toBeLessThanOrEqual(5 * (deviation / ratio) + 1e-6 * n);
    },
  );
});

describe('a flood of failures', () => {
  it('is cut by trace id, so the share is known and the kept stand for all', () => {
    const budget = new KeepBudget(100);
    let [kept, weight] = [0, 0];
    const admitted: [number, number][] = [];
    for (let ms = 0; ms < 20_000; ms++) {
      for (let i = 0; i < 10; i++) {
        const id = newTraceId();
        const share = budget.admit(id, ms);
        if (share === 0) continue;
        kept++;
        weight += 1 / share;
        admitted.push([randomOf(id), share]);
      }
    }
    expect(kept / 20).toBeLessThanOrEqual(200);
    expect(kept / 20).toBeGreaterThanOrEqual(25);
    for (const [random, share] of admitted) expect(random).toBeGreaterThanOrEqual(1 - share);
    expect(Math.abs(weight / 200_000 - 1)).toBeLessThan(0.25);
  });

  it('keeps ten seconds of failures at once when few failed before, and no more', () => {
    const budget = new KeepBudget(100, 10);
    for (let i = 0; i < 1_000; i++) expect(budget.admit(newTraceId(), 60_000)).toBe(1);
    for (let i = 0; i < 2_000; i++) budget.admit(newTraceId(), 60_000);
    expect(budget.share(60_000)).toBeLessThan(0.2);
  });

  it('lets everything through again when it is over', () => {
    const budget = new KeepBudget(10);
    for (let i = 0; i < 1000; i++) budget.admit(newTraceId(), 0);
    expect(budget.share(1)).toBeLessThan(0.1);
    for (let second = 1; second < 15; second++) budget.admit(newTraceId(), second * 1000);
    expect(budget.share(15_000)).toBe(1);
  });

  it('keeps the share that another process announced, for two seconds', () => {
    const budget = new KeepBudget(10);
    budget.hear(0.25, 10_000);
    expect(budget.share(10_001)).toBe(0.25);
    expect(budget.share(12_001)).toBe(1);
  });
});
