import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { runJobs } from '../../src/jobs/run.js';
import { testEpoch, type TestSpan, useClickHouse } from '../support/clickhouse.js';
import { expectedOf } from '../support/oracle.js';
import { edgesOf, sorted, stacksOf } from '../support/results.js';

const clickhouse = useClickHouse();

/** A trace with orphans, cycles, duplicates, skewed clocks and nested token reports, over up to three hours. */
const traceSpans = fc
  .array(
    fc.record({
      id: fc.integer({ min: 1, max: 16 }),
      parent: fc.oneof({ weight: 8, arbitrary: fc.integer({ min: 0, max: 16 }) }, fc.constant(99)),
      at: fc.oneof({ weight: 12, arbitrary: fc.integer({ min: 0, max: 60 }) }, fc.constantFrom(3_600_000, 7_300_000)),
      ms: fc.integer({ min: 0, max: 50 }),
      service: fc.constantFrom('a', 'b', 'c'),
      name: fc.constantFrom('x', 'y'),
      kind: fc.constantFrom('Internal', 'Client', 'Server', 'Producer', 'Consumer'),
      error: fc.boolean(),
      agent: fc.option(fc.constantFrom<string>('p', 'q'), { freq: 4 }),
      tokens: fc.option(fc.integer({ min: 1, max: 9 }), { freq: 3 }),
      destination: fc.option(fc.constantFrom('d', 'e'), { freq: 3 }),
    }),
    { minLength: 1, maxLength: 24, size: 'max' },
  )
  .map((records) => {
    // Two rows of one span differ as rows of two exports do: in what has been measured, not in who it is.
    const first = new Map(records.map((record) => [record.id, record]));
    return records.map((record) => ({ ...(first.get(record.id) ?? record), at: record.at, ms: record.ms }));
  });

const hourMs = 3_600_000;
const hex = (n: number) => n.toString(16).padStart(16, '0');

type Records = typeof traceSpans extends fc.Arbitrary<infer T> ? T : never;

function toSpans(traces: Records[]): TestSpan[] {
  return traces.flatMap((records, n) =>
    records.map(({ id, parent, agent, tokens, destination, ...rest }) => ({
      ...rest,
      trace: hex(n).padStart(32, '0'),
      id: hex(id),
      parent: parent === 0 ? '' : hex(parent),
      attributes: {
        ...(agent === null ? {} : { 'gen_ai.agent.name': agent }),
        ...(tokens === null ? {} : { 'gen_ai.usage.input_tokens': String(tokens) }),
        ...(destination === null ? {} : { 'messaging.destination.name': destination }),
      },
    })),
  );
}

/** Each span once, so that nothing is odd about a trace. */
function once(records: Records): Records {
  return records.filter(({ id }, n) => records.findIndex((record) => record.id === id) === n);
}

/** Agents of service a keep their names, those of b are named b, those of c have none. */
function ownName(record: Records[number]): Records[number] {
  const { agent, service } = record;
  return { ...record, agent: service === 'a' ? agent : service === 'b' && agent !== null ? 'b' : null };
}

describe('the jobs on random traces that arrive in random batches', () => {
  it('give what the definitions give, one span at a time', { timeout: 180_000 }, async () => {
    const traces = fc.sample(traceSpans, { numRuns: 1000, seed: 20_261_101 });
    const spans = toSpans(traces);
    const shuffled =
      fc.sample(fc.shuffledSubarray(spans, { minLength: spans.length }), { numRuns: 1, seed: 7 })[0] ?? [];
    const db = await clickhouse.database();
    for (let batch = 0; batch < 3; batch++) {
      await db.insert(shuffled.filter((_, n) => n % 3 === batch));
      const { failed } = await runJobs(db.client, { database: db.name, spansPerBuild: 4000 });
      expect(failed).toEqual([]);
    }
    const expected = expectedOf(spans);
    expect(expected.self.size).toBeGreaterThan(500);
    expect(sorted(await edgesOf(db))).toEqual(sorted(expected.edges));
    for (const weight of ['self', 'critical', 'tokens'] as const) {
      expect(sorted(await stacksOf(db, weight)), weight).toEqual(sorted(expected[weight]));
    }
  });

  it(
    'give the same when each hour is asked for by itself, before and after spans arrive late',
    { timeout: 120_000 },
    async () => {
      const spans = toSpans(fc.sample(traceSpans, { numRuns: 300, seed: 20_261_103 }));
      const db = await clickhouse.database();
      for (const arrived of [spans.filter((_, n) => n % 3 > 0), spans]) {
        await db.insert(arrived === spans ? spans.filter((_, n) => n % 3 === 0) : arrived);
        // the latest first: what has moved to an earlier hour has to leave the later one
        for (const hour of [2, 1, 0]) {
          const from = testEpoch + hour * hourMs;
          const { failed } = await runJobs(db.client, {
            database: db.name,
            jobs: ['edges', 'stacks'],
            from,
            to: from + hourMs,
          });
          expect(failed).toEqual([]);
        }
        const expected = expectedOf(arrived);
        expect(sorted(await edgesOf(db))).toEqual(sorted(expected.edges));
        expect(sorted(await stacksOf(db, 'self'))).toEqual(sorted(expected.self));
      }
    },
  );

  const asTheyAre = (records: Records): Records => records;
  it.each([
    ['spans are stored twice', asTheyAre],
    ['agents have names of their own', once],
    ['some services name their agents as themselves, or not at all', (records: Records) => once(records).map(ownName)],
  ])(
    'give the same edges when edges are all that is asked for, which mostly needs no trees: %s',
    { timeout: 120_000 },
    async (_, change) => {
      const traces = fc
        .sample(traceSpans, { numRuns: 1000, seed: 20_261_102 })
        .map((records) => records.filter(({ id, parent }) => parent < id || parent === 99))
        .map(change);
      const spans = toSpans(traces);
      const db = await clickhouse.database();
      await db.insert(spans);
      await runJobs(db.client, { database: db.name, jobs: ['edges'] });
      expect(sorted(await edgesOf(db))).toEqual(sorted(expectedOf(spans).edges));
    },
  );
});
