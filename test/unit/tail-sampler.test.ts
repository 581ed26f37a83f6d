import { SpanKind, SpanStatusCode, trace, ROOT_CONTEXT, type Span } from '@opentelemetry/api';
import { afterEach, describe, expect, it } from 'vitest';
import { createTracing, keep, keepHub, propagator, type Tracing, type TracingOptions } from '../../src/index.js';
import { HeadSampler } from '../../src/sampling/head-sampler.js';
import { headWeight } from '../../src/sampling/head-weight.js';
import { KeepBudget, randomOf } from '../../src/sampling/keep-budget.js';
import { decodeKeeps, encodeKeeps } from '../../src/sampling/keep-message.js';
import { newTraceId } from '../../src/trace/ids.js';
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
  it('stays in its bytes, gives up whole traces, oldest first, and counts them', async () => {
    const { tracer, child, fail, stored, tracing } = start({ bufferBytes: 100_000 });
    const roots = Array.from({ length: 100 }, (_, i) => tracer.startSpan(`root${i}`));
    for (const root of roots) for (let i = 0; i < 4; i++) child(root, 'child').end();
    const stats = tracing.stats().sampling;
    expect(stats.bufferedBytes).toBeLessThanOrEqual(100_000);
    expect(stats.buffered).toBeGreaterThan(200);
    expect(stats.evictedSpans).toBe(400 - stats.buffered);
    expect(stats.evictedTraces * 4).toBe(stats.evictedSpans);
    fail(roots[99]!);
    expect(await stored()).toHaveLength(5);
    fail(roots[0]!);
    expect(await stored()).toHaveLength(6);
    expect(tracing.stats().sampling.missed).toBe(1);
    expect(stats.horizonMs).toBeGreaterThan(0);
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
        const decision = one.decide(id, {});
        if (other.decide(id, {}).flags !== decision.flags) throw new Error(`${id} is sampled here and not there`);
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
