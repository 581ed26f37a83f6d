import { describe, expect, it, vi } from 'vitest';
import { parseTime, windowOf } from '../../src/cli/options.js';
import { say } from '../../src/cli/output.js';
import { plan } from '../../src/jobs/plan.js';

const now = Date.UTC(2026, 10, 1, 12);

describe('times on the command line', () => {
  it.each([
    ['15m', now - 900_000],
    ['24h', now - 86_400_000],
    ['7d', now - 7 * 86_400_000],
    ['2026-11-01', Date.UTC(2026, 10, 1)],
    ['2026-11-01T10:00', Date.UTC(2026, 10, 1, 10)],
    ['2026-11-01 10:00:30', Date.UTC(2026, 10, 1, 10, 0, 30)],
    ['2026-11-01T10:00:00+02:00', Date.UTC(2026, 10, 1, 8)],
  ])('%s is understood, in UTC unless it says otherwise', (text, expected) => {
    expect(parseTime(text, '--from', now)).toBe(expected);
  });

  it.each(['', 'now', '15', '-1h', '2026-13-01', '2026-02-30', '2026-11-01T25:00', '9999999999d'])(
    '%j is refused',
    (text) => {
      expect(() => parseTime(text, '--from', now)).toThrow(/--from .* is no time/);
    },
  );

  it('mean the last hour when left out', () => {
    expect(windowOf({}, now)).toEqual({ from: now - 3_600_000, to: now });
  });
});

describe('the plan of a run', () => {
  it('puts small hours together and splits a big one', () => {
    const hours = [10, 20, 100, 350].map((spans, n) => ({ hour: n, spans, biggest: spans }));
    expect(plan(hours, 100)).toEqual([
      { hours: [0, 1], parts: 1, mostSpans: Infinity },
      { hours: [2], parts: 1, mostSpans: Infinity },
      { hours: [3], parts: 4, mostSpans: 100 },
    ]);
  });

  it('looks for traces that are too big only where one may be', () => {
    const most = (...biggest: number[]) =>
      plan(
        biggest.map((one, n) => ({ hour: n, spans: 80, biggest: one })),
        200,
        100,
      ).map(({ mostSpans }) => mostSpans);
    expect(most(16, 16, 16)).toEqual([Infinity, Infinity]);
    expect(most(80, 80, 16)).toEqual([100, Infinity]);
  });
});

it('what is said is one line, and steers no terminal', () => {
  const write = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
  say('trace \u001b]0;x\u0007\u001b[31mred\nspanbus: all is well has 1300 spans');
  const said = write.mock.calls.flat();
  write.mockRestore();
  expect(said).toEqual(['spanbus: trace \ufffd]0;x\ufffd\ufffd[31mred spanbus: all is well has 1300 spans\n']);
});
