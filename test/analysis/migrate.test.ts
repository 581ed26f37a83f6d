import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { migrate } from '../../src/clickhouse/migrate.js';
import { runJobs } from '../../src/jobs/run.js';
import { readSql } from '../../src/sql/read.js';
import { useClickHouse } from '../support/clickhouse.js';

const clickhouse = useClickHouse();

describe('migrate', () => {
  it('leaves one correct schema when ten run at once on an empty database', async () => {
    const database = `test_${randomUUID().replaceAll('-', '')}`;
    await Promise.all(Array.from({ length: 10 }, () => migrate(clickhouse.client(), { database })));
    const again = await migrate(clickhouse.client(), { database });
    expect(again.applied).toEqual([]);
    const result = await clickhouse.client().query({
      query: 'SELECT name FROM system.tables WHERE database = {database:String} ORDER BY name',
      query_params: { database },
      format: 'JSONEachRow',
    });
    const names = (await result.json<{ name: string }>()).map(({ name }) => name);
    for (const name of [
      'otel_traces',
      'otel_traces_trace_id_ts',
      'job_runs',
      'call_graph',
      'flame_stacks',
      'trace_keeps',
    ]) {
      expect(names).toContain(name);
    }
  });

  it('takes a database name with quotes, backticks and a backslash', async () => {
    const database = `o'dd"na\`me\\ ${randomUUID()}`;
    expect((await migrate(clickhouse.client(), { database })).applied.length).toBeGreaterThan(10);
    expect((await migrate(clickhouse.client(), { database })).applied).toEqual([]);
    const found = await clickhouse.client().query({ query: 'SELECT name FROM system.databases', format: 'JSON' });
    expect((await found.json<{ name: string }>()).data).toContainEqual({ name: database });
    const result = await runJobs(clickhouse.client(), { database });
    expect(result).toMatchObject({ hours: 0, failed: [] });
  });

  it('upgrades a table that a collector made, and keeps its rows', async () => {
    const client = clickhouse.client();
    const database = `test_${randomUUID().replaceAll('-', '')}`;
    await client.command({ query: `CREATE DATABASE ${database} ENGINE = Atomic` });
    await client.command({
      query: readSql('schema/0001_otel_traces').replace('otel_traces', `${database}.otel_traces`),
    });
    const row = {
      Timestamp: '2026-11-01 12:00:00',
      TraceId: 't',
      SpanId: 's',
      TraceState: 'x=1,ot=th:c',
      SpanAttributes: { 'gen_ai.usage.input_tokens': '7' },
    };
    await client.insert({ table: `${database}.otel_traces`, values: [row], format: 'JSONEachRow' });
    await migrate(client, { database });
    const result = await client.query({
      query: `SELECT InputTokens AS tokens, Weight AS weight, KeepReason AS reason FROM ${database}.otel_traces`,
      format: 'JSON',
      clickhouse_settings: { output_format_json_quote_64bit_integers: 0 },
    });
    expect((await result.json()).data).toEqual([{ tokens: 7, weight: 4, reason: '' }]);
  });

  it('makes a retried insert with the same token one insert', async () => {
    const db = await clickhouse.database();
    for (let attempt = 0; attempt < 2; attempt++) {
      await db.client.insert({
        table: `${db.name}.otel_traces`,
        values: [{ Timestamp: '2026-11-01 12:00:00', TraceId: 't', SpanId: 's' }],
        format: 'JSONEachRow',
        clickhouse_settings: { insert_deduplication_token: 'batch-1', insert_deduplicate: 1, async_insert: 0 },
      });
    }
    expect(await db.rows(`SELECT count() AS n FROM ${db.name}.otel_traces`)).toEqual([{ n: 1 }]);
  });

  it('sets how long spans are kept', async () => {
    const db = await clickhouse.database();
    await migrate(db.client, { database: db.name, ttlDays: 3 });
    const [table] = await db.rows<{ sql: string }>(
      `SELECT create_table_query AS sql FROM system.tables WHERE database = '${db.name}' AND name = 'otel_traces'`,
    );
    expect(table?.sql).toMatch(/TTL toDateTime\(Timestamp\) \+ toIntervalDay\(.*3/);
  });
});
