import { TraceFlags } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { HeadSampler, thresholdOf } from '../../src/sampling/head-sampler.js';

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

  it('samples by the low 56 bits of the trace id alone', () => {
    const sampler = new HeadSampler(0.25);
    const id = (random: string): string => 'f'.repeat(18) + random.padEnd(14, '0');
    expect(sampler.decide(id('c')).flags & TraceFlags.SAMPLED).toBe(1);
    expect(sampler.decide(id('bfffffffffffff')).flags & TraceFlags.SAMPLED).toBe(0);
    expect(sampler.decide(id('c')).state?.serialize()).toBe('ot=th:c');
    expect(sampler.decide(id('b')).state).toBeUndefined();
  });

  it('samples nothing at ratio 0', () => {
    expect(new HeadSampler(0).decide('f'.repeat(32)).flags & TraceFlags.SAMPLED).toBe(0);
  });
});
