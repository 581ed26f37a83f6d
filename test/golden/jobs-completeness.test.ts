import { describe, expect, it } from 'vitest';
import { runJobs } from '../../src/jobs/run.js';
import { tracesTable } from '../../src/report/index.js';
import { computeExact } from '../../src/views/exact.js';
import { countUnstoredErrors, readTraces } from '../../src/views/read.js';
import { type TestDatabase, testEpoch, type TestSpan, useClickHouse } from '../support/clickhouse.js';

const clickhouse = useClickHouse();
const always = { from: 0, to: Date.UTC(2100, 0) };

const span = (trace: string, id: string, parent: string, more: Partial<TestSpan> = {}): TestSpan => ({
  trace,
  id,
  parent,
  at: 0,
  ms: 10,
  ...more,
});
const failing = { error: true, keepReason: 'error' };

/** A trace of each kind; all but one fail. */
const spans: TestSpan[] = [
  span('whole', 'a', ''),
  span('whole', 'b', 'a', failing),
  // What was thrown away had no children, so nothing in the tree shows that it is gone.
  span('evicted', 'a', '', failing),
  span('lost', 'b', 'gone', failing),
  span('fresh', 'b', 'gone', { ...failing, at: Date.now() - testEpoch }),
  span('two-roots', 'a', ''),
  span('two-roots', 'b', '', failing),
  span('fine', 'a', ''),
];

async function insertMisses(db: TestDatabase): Promise<void> {
  const values = ['writer', 'searcher', 'searcher'].map((ServiceName) => ({
    TraceId: 'evicted',
    ServiceName,
    Why: 'evicted',
  }));
  await db.client.insert({ table: `${db.name}.trace_misses`, values, format: 'JSONEachRow' });
}

const expected = [
  { traceId: 'evicted', complete: false, whyIncomplete: 'evicted', missedBy: ['searcher', 'writer'] },
  { traceId: 'fresh', complete: false, whyIncomplete: 'running', missedBy: [] },
  { traceId: 'lost', complete: false, whyIncomplete: 'process lost', missedBy: [] },
  { traceId: 'two-roots', complete: true, whyIncomplete: '', missedBy: [] },
  { traceId: 'whole', complete: true, whyIncomplete: '', missedBy: [] },
];

describe('the list of failing traces', () => {
  it('says of each whether it is whole, and if not, why', async () => {
    const db = await clickhouse.database();
    await db.insert(spans);
    await insertMisses(db);
    await runJobs(db.client, { database: db.name });
    const rows = await readTraces(await db.session(), always, { errors: true, limit: 10 });
    const told = rows.map(({ traceId, complete, whyIncomplete, missedBy }) => ({
      traceId,
      complete,
      whyIncomplete,
      missedBy,
    }));
    expect(told.sort((a, b) => (a.traceId < b.traceId ? -1 : 1))).toEqual(expected);

    const table = tracesTable(rows).split('\n');
    const line = (id: string) => table.find((text) => text.startsWith(`${id} `));
    expect(line('evicted')).toContain('no: evicted in searcher, writer');
    expect(line('lost')).toContain('no: process lost');
    expect(line('whole')).toMatch(/ error +yes +/);
  });

  it('says the same straight from the spans', async () => {
    const db = await clickhouse.database();
    await db.insert(spans);
    await insertMisses(db);
    const session = await db.session();
    await computeExact(session, ['traces'], { from: testEpoch, to: testEpoch + 1000 });
    const rows = await readTraces(session, always, { errors: true, limit: 10 });
    expect(rows.map(({ traceId, whyIncomplete }) => [traceId, whyIncomplete]).sort()).toEqual([
      ['evicted', 'evicted'],
      ['lost', 'process lost'],
      ['two-roots', ''],
      ['whole', ''],
    ]);
  });

  it('counts the failed spans of traces that were over the budget, of which nothing is stored', async () => {
    const db = await clickhouse.database();
    const row = (Time: string, Errors: number) => ({ Time, ServiceName: 'a', SpanName: 'x', Calls: 5, Errors });
    const values = [row('2026-11-01 12:10:00', 3), row('2026-11-01 12:50:00', 4), row('2026-11-01 13:00:00', 9)];
    await db.client.insert({ table: `${db.name}.unstored_spans`, values, format: 'JSONEachRow' });
    const hour = { from: testEpoch, to: testEpoch + 3_600_000 };
    expect(await countUnstoredErrors(await db.session(), hour)).toBe(7);
  });
});
