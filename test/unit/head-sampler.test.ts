import { TraceFlags, type Attributes } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { headWeight } from '../../src/sampling/head-weight.js';
import { newTraceId, traceWordsOf } from '../../src/trace/ids.js';
import { HeadSampler, thresholdOf } from '../../src/sampling/head-sampler.js';

const headAt = (ratio: number) => new HeadSampler({ ratio, rules: [], tracesPerSecond: Infinity });

describe('the head sampler', () => {
  it.each([
    [1, '0'],
    [0.5, '8'],
    [0.25, 'c'],
    [0.1, 'e666666666666'],
    [0.01, 'fd70a3d70a3d7'],
  ])('writes the threshold of ratio %d as ot=th:%s', (ratio, threshold) => {
    expect(thresholdOf(ratio).startsWith(threshold)).toBe(true);
  });

  it.each([1e-17, 1e-16, 5e-324, 1e-12])('samples next to nothing at ratio %d', (ratio) => {
    expect(thresholdOf(ratio)).toMatch(/^f{9,14}[0-9a-f]{0,5}$/);
    const sampler = headAt(ratio);
    const sampled = Array.from({ length: 2000 }, () => sampler.decide(traceWordsOf(newTraceId()), {}).flags & 1);
    expect(sampled).not.toContain(1);
  });

  it('samples by the low 56 bits of the trace id alone', () => {
    const sampler = headAt(0.25);
    const id = (random: string): string => 'f'.repeat(18) + random.padEnd(14, '0');
    expect(sampler.decide(traceWordsOf(id('c')), {}).flags & TraceFlags.SAMPLED).toBe(1);
    expect(sampler.decide(traceWordsOf(id('bfffffffffffff')), {}).flags & TraceFlags.SAMPLED).toBe(0);
    expect(sampler.decide(traceWordsOf(id('c')), {}).state?.serialize()).toBe('ot=th:c');
    expect(sampler.decide(traceWordsOf(id('b')), {}).state).toBeUndefined();
  });

  it('samples nothing at ratio 0', () => {
    expect(headAt(0).decide(traceWordsOf('f'.repeat(32)), {}).flags & TraceFlags.SAMPLED).toBe(0);
  });

  it('takes the ratio of the first rule that fits the root span', () => {
    const rules = [
      { agent: 'critic', ratio: 0 },
      { destination: 'jobs.{id}', ratio: 1 },
    ];
    const sampler = new HeadSampler({
      ratio: 0,
      rules: [...rules, { agent: 'planner', ratio: 1 }],
      tracesPerSecond: Infinity,
    });
    const sampled = (attributes: Attributes): number =>
      sampler.decide(traceWordsOf(newTraceId()), attributes).flags & 1;
    expect(sampled({ 'gen_ai.agent.name': 'planner' })).toBe(1);
    expect(sampled({ 'gen_ai.agent.name': 'critic' })).toBe(0);
    expect(sampled({ 'messaging.destination.name': 'jobs.7', 'messaging.destination.template': 'jobs.{id}' })).toBe(1);
    expect(sampled({})).toBe(0);
  });

  it('lowers the ratio where more traces start than may, and the weights say so', () => {
    const sampler = new HeadSampler({ ratio: 1, rules: [], tracesPerSecond: 50 });
    let estimate = 0;
    let sampled = 0;
    for (let i = 0; i < 20_000; i++) {
      const { flags, state } = sampler.decide(traceWordsOf(newTraceId()), {});
      if (!(flags & 1)) continue;
      sampled++;
      estimate += headWeight(state);
    }
    expect(sampled).toBeLessThan(500);
    expect(Math.abs(estimate / 20_000 - 1)).toBeLessThan(0.5);
  });
});
