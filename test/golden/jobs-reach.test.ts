import { ClickHouseLogLevel, createClient } from '@clickhouse/client';
import { describe, expect, it } from 'vitest';
import { runJobs } from '../../src/jobs/run.js';
import { runJobsOnShards } from '../../src/jobs/shards.js';
import { useClickHouse, testEpoch, type TestSpan } from '../support/clickhouse.js';
import { edgesOf, sorted, stacksOf } from '../support/results.js';

const clickhouse = useClickHouse();
const hour = 3_600_000;
const day = 24 * hour;

describe('jobs over traces far apart in time', () => {
  it('run over more days than ClickHouse lets one insert write to by default', async () => {
    const db = await clickhouse.database();
    const days = Array.from({ length: 120 }, (_, n): TestSpan => ({ trace: `t${n}`, id: 'a', at: -n * day, ms: 1 }));
    await db.insert(days, { max_partitions_per_insert_block: '0' });
    const result = await runJobs(db.client, { database: db.name });
    expect(result).toMatchObject({ hours: 120, spans: 120, failed: [] });
    expect(await stacksOf(db, 'calls')).toEqual(new Map([['a: work', 120]]));
  });

  it('keep what late spans brought of a trace when the window of its first hour does not reach that far', async () => {
    const db = await clickhouse.database();
    await db.insert([
      { trace: 't', id: 'a', at: 0, ms: 1 },
      { trace: 't', id: 'b', parent: 'a', service: 'b', at: 6 * day, ms: 1 },
      { trace: 't', id: 'c', parent: 'b', service: 'c', at: 11 * day, ms: 1 },
    ]);
    await runJobs(db.client, { database: db.name });
    const before = sorted(await edgesOf(db));
    expect(before.map(([edge]) => edge)).toEqual(['(root) > a', 'a > b', 'b > c']);
    const { hours } = await runJobs(db.client, { database: db.name, from: testEpoch, to: testEpoch + hour });
    expect(hours).toBe(1);
    expect(sorted(await edgesOf(db))).toEqual(before);
  });
});

describe('a trace that is too big', () => {
  it('only with its late spans, which are of a later hour, is left out as in a full computation', async () => {
    const db = await clickhouse.database();
    const spans = (from: number, count: number, at: number): TestSpan[] =>
      Array.from({ length: count }, (_, n) => ({ trace: 'big', id: `s${from + n}`, at, ms: 1 }));
    const options = { database: db.name, spansPerBuild: 100, marginSeconds: 0 };
    await db.insert([...spans(0, 90, 0), { trace: 'x', id: 'a', name: 'small', at: hour, ms: 1 }]);
    expect((await runJobs(db.client, options)).notes).toEqual([]);
    await db.insert(spans(90, 60, hour));
    const { notes } = await runJobs(db.client, options);
    expect(notes).toEqual([
      'hour 2026-11-01T12:00:00.000Z: trace big has 150 spans, more than one build holds: left out',
    ]);
    expect(await stacksOf(db, 'calls')).toEqual(new Map([['a: small', 1]]));
  });

  it('for the memory of the server is left out in the end, and noted; the rest of its hour is there', async () => {
    const db = await clickhouse.database();
    await db.client.command({
      query: `
        INSERT INTO ${db.name}.otel_traces (Timestamp, TraceId, SpanId, ParentSpanId, SpanName, ServiceName, Duration)
        SELECT '2026-11-01 12:00:00', 'big', toString(number), if(number = 0, '', toString(intDiv(number, 2))), 'n', 's', 1
        FROM numbers(200000)`,
    });
    await db.insert([{ trace: 'small', id: 'a', at: 0, ms: 1 }]);
    const log = { level: ClickHouseLogLevel.OFF };
    const small = createClient({ url: db.url, log, clickhouse_settings: { max_memory_usage: '60000000' } });
    try {
      const { failed, notes } = await runJobs(small, { database: db.name, jobs: ['stacks'] });
      expect(failed).toEqual([]);
      expect(notes).toEqual([
        'hour 2026-11-01T12:00:00.000Z: trace big has 200000 spans, more than one build holds: left out',
      ]);
    } finally {
      await small.close();
    }
    expect(await stacksOf(db, 'calls')).toEqual(new Map([['a: work', 1]]));
  });
});

it('a shard that is away does not keep the others from their work', async () => {
  const db = await clickhouse.database();
  await db.insert([{ trace: 't', id: 'a', at: 0, ms: 1 }]);
  const at = { database: db.name, username: 'default', password: '' };
  const shards = [
    { ...at, url: 'http://127.0.0.1:1' },
    { ...at, url: db.url },
  ];
  await expect(runJobsOnShards(shards)).rejects.toMatchObject({ code: 'unreachable' });
  expect(await stacksOf(db, 'calls')).toEqual(new Map([['a: work', 1]]));
});
