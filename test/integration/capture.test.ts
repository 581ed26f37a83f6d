import { describe, expect, it } from 'vitest';
import { captureSoak } from '../../bench/soak/capture.js';
import type { Report } from '../../bench/harness.js';

const valueOf = (report: Report, name: string): number => report.rows.find((row) => row.name === name)!.values[0]!;

describe.each(['nats', 'redis'] as const)(
  'failing traces across nine processes on %s, sampled at one in a hundred',
  (bus) => {
    it('are stored whole and once, and little else is', { timeout: 240_000 }, async () => {
      const report = await captureSoak('plain', { traces: 600, bus });
      expect(valueOf(report, 'traces')).toBe(600);
      expect(valueOf(report, 'failing traces')).toBeGreaterThan(10);
      expect(valueOf(report, 'failing traces stored whole')).toBe(valueOf(report, 'failing traces'));
      expect(valueOf(report, 'spans stored twice')).toBe(0);
      expect(valueOf(report, 'spans stored of traces not kept')).toBe(0);
      expect(valueOf(report, 'spans evicted')).toBeGreaterThan(5_000);
    });
  },
);
