import { describe, expect, it } from 'vitest';
import { runJobs } from '../../src/jobs/run.js';
import { useClickHouse, type TestDatabase } from '../support/clickhouse.js';
import { stacksOf } from '../support/results.js';

const clickhouse = useClickHouse();

/** A whole million with SPANBUS_POISON_SPANS=1000000. */
const size = Number(process.env['SPANBUS_POISON_SPANS'] ?? 300_000);

/** A huge trace: a chain of ten thousand, a hundred thousand one after the other below one parent, the rest beside them. */
const poisoned = (database: string) => `
  INSERT INTO ${database}.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, ServiceName, Duration)
  SELECT
    toDateTime64('2026-11-01 12:00:00', 9, 'UTC') + toIntervalMicrosecond(multiIf(number < 10000, number, number < 110000, (number - 10000) * 10, number)),
    'poisoned',
    toString(number),
    multiIf(number = 0, '', number < 10000, toString(number - 1), number < 110000, '0', toString(number % 9000)),
    multiIf(number < 10000, 'deeper', number < 110000, 'wide', 'bushy'),
    'wild',
    multiIf(number = 0, 3000000000, number < 10000, 1000000000, number < 110000, 9000, 1000)
  FROM numbers(${size})`;

const healthy = { trace: 'healthy', id: 'a', at: 5, ms: 10, name: 'work' };
const notes = (db: TestDatabase) =>
  db.rows<{ job: string; note: string }>(
    `SELECT job, note FROM ${db.name}.job_runs WHERE status = 'done' ORDER BY job`,
  );

describe('a trace that ran wild', () => {
  it(
    'of very many spans is counted, its deep frames folded, its hour kept, and noted',
    { timeout: 180_000 },
    async () => {
      const db = await clickhouse.database();
      await db.insert([healthy]);
      await db.client.command({ query: poisoned(db.name) });
      const result = await runJobs(db.client, { database: db.name });
      expect(result.failed).toEqual([]);
      const note = `trace poisoned has ${size} spans, 10000 deep: frames below 100 are folded`;
      expect(result.notes).toEqual([`hour 2026-11-01T12:00:00.000Z: ${note}`]);
      expect((await notes(db)).map((row) => row.note)).toEqual(Array.from({ length: 5 }, () => note));
      const calls = await stacksOf(db, 'calls');
      expect(calls.get('a: work')).toBe(1);
      expect([...calls.values()].reduce((sum, count) => sum + count, 0)).toBe(size + 1);
      const critical = await stacksOf(db, 'critical');
      expect(Math.round([...critical.values()].reduce((sum, ms) => sum + ms, 0))).toBe(3010);
    },
  );

  it('of more spans than a build holds is left out, and noted, in every run; the rest of its hour is there', async () => {
    const db = await clickhouse.database();
    const wild = Array.from({ length: 300 }, (_, n) => ({ trace: 'wild', id: `s${n}`, at: n, ms: 1 }));
    const others = Array.from({ length: 50 }, (_, n) => ({ ...healthy, trace: `healthy ${n}` }));
    await db.insert([...wild, ...others.slice(0, 48)]);
    for (const late of [undefined, ...others.slice(48)]) {
      if (late !== undefined) await db.insert([late]);
      const result = await runJobs(db.client, {
        database: db.name,
        jobs: ['stacks'],
        spansPerBuild: 100,
        marginSeconds: 0,
      });
      expect({ failed: result.failed, notes: result.notes }).toEqual({
        failed: [],
        notes: ['hour 2026-11-01T12:00:00.000Z: trace wild has 300 spans, more than one build holds: left out'],
      });
    }
    expect(await stacksOf(db, 'calls')).toEqual(new Map([['a: work', 50]]));
  });
});
