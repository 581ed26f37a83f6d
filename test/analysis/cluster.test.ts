import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connect, resolveConnection } from '../../src/clickhouse/client.js';
import { forCluster } from '../../src/clickhouse/cluster.js';
import { startEmbedded, type EmbeddedServer } from '../../src/clickhouse/embedded.js';
import { migrate } from '../../src/clickhouse/migrate.js';
import { runJobs } from '../../src/jobs/run.js';
import { runJobsOnShards } from '../../src/jobs/shards.js';
import { listSql, readSql } from '../../src/sql/read.js';
import { readTraces } from '../../src/views/read.js';
import { readTrace } from '../../src/views/trace.js';
import { TestDatabase, type TestSpan } from '../support/clickhouse.js';
import { edgesOf, sorted, stacksOf } from '../support/results.js';

const cluster = { name: 'two', keeper: false };
const always = { from: 0, to: Date.UTC(2100, 0) };
let dir = '';
const servers: EmbeddedServer[] = [];
const databases: TestDatabase[] = [];

async function freePorts(count: number): Promise<number[]> {
  const probes = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(probes.map((probe) => new Promise((up) => probe.once('listening', up))));
  const ports = probes.map((probe) => (probe.address() as AddressInfo).port);
  await Promise.all(probes.map((probe) => new Promise((closed) => probe.close(closed))));
  return ports;
}

beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spanbus-cluster-'));
  const ports = await freePorts(2);
  const shards = ports.map((port) => `<shard><replica><host>127.0.0.1</host><port>${port}</port></replica></shard>`);
  const configFile = join(dir, 'cluster.xml');
  const config = `<clickhouse><remote_servers><two>${shards.join('')}</two></remote_servers></clickhouse>`;
  await writeFile(configFile, config);
  for (const tcpPort of ports) servers.push(await startEmbedded({ tcpPort, configFile }));
  for (const { url } of servers) {
    const client = connect({ url });
    await migrate(client, { database: 'spanbus', cluster });
    databases.push(new TestDatabase(client, 'spanbus', url));
  }
});

afterAll(async () => {
  for (const { client } of databases) await client.close();
  for (const server of servers) await server.close();
  await rm(dir, { recursive: true, force: true });
});

/** A hundred traces of two agents; one in ten fails. */
const spans: TestSpan[] = Array.from({ length: 100 }, (_, n) => n).flatMap((n) => [
  { trace: `t${n}`, id: 'a', at: n, ms: 100, name: 'plan' },
  { trace: `t${n}`, id: 'b', parent: 'a', at: n + 10, ms: 50, kind: 'Client' },
  {
    trace: `t${n}`,
    id: 'c',
    parent: 'b',
    at: n + 20,
    ms: 30,
    kind: 'Server',
    service: 'worker',
    error: n % 10 === 0,
    attributes: { 'gen_ai.usage.input_tokens': '7' },
  },
]);

async function numbersOf(db: TestDatabase) {
  const traces = await readTraces(await db.session(), always, { limit: 1000 });
  return {
    edges: sorted(await edgesOf(db)),
    self: sorted(await stacksOf(db, 'self')),
    critical: sorted(await stacksOf(db, 'critical')),
    tokens: sorted(await stacksOf(db, 'tokens')),
    agents: await db.rows(
      `SELECT agent, sum(calls), sum(errors), sum(self_ns) FROM ${db.name}.agents GROUP BY ALL ORDER BY agent`,
    ),
    traces,
  };
}

describe('a cluster of two shards', () => {
  it('gives the numbers of one server, asked anywhere', async () => {
    const [first, second] = databases as [TestDatabase, TestDatabase];
    const settings = { distributed_foreground_insert: 1 as const };
    const token = { insert_deduplication_token: 'batch', async_insert: 0 as const };
    // Sent twice, as a retry would.
    for (let attempt = 0; attempt < 2; attempt++) await first.insert(spans, { ...settings, ...token });
    const shards = databases.map(({ url }) => resolveConnection({ url, database: 'spanbus' }));
    const { spans: read, failed } = await runJobsOnShards(shards);
    expect({ read, failed }).toEqual({ read: spans.length, failed: [] });

    const perShard = await Promise.all(
      databases.map((db) => db.rows<{ n: number }>('SELECT count() AS n FROM spanbus_shard.otel_traces')),
    );
    expect(perShard.flat().reduce((sum, { n }) => sum + n, 0)).toBe(spans.length);
    for (const [row] of perShard) expect(row?.n).toBeGreaterThan(60);

    const single = connect({ url: first.url });
    await migrate(single, { database: 'single' });
    const one = new TestDatabase(single, 'single', first.url);
    await one.insert(spans);
    await runJobs(single, { database: 'single' });
    const expected = await numbersOf(one);
    expect(expected.traces).toHaveLength(100);
    expect(await numbersOf(first)).toEqual(expected);
    expect(await numbersOf(second)).toEqual(expected);
    // The spans of a trace are on one shard; any server shows them.
    expect((await readTrace(await second.session(), 't5'))?.spans).toHaveLength(3);
    expect((await readTrace(await first.session(), 't5'))?.spans).toHaveLength(3);
    await single.close();
  });

  it('is up to date after the first migration, and takes new columns in a later one', async () => {
    const [first] = databases as [TestDatabase, TestDatabase];
    expect((await migrate(first.client, { database: 'spanbus', cluster })).applied).toEqual([]);
    await first.client.command({ query: 'ALTER TABLE spanbus_shard.trace_misses ADD COLUMN Later String' });
    expect((await migrate(first.client, { database: 'spanbus', cluster })).applied).toEqual([
      'distributed/trace_misses',
    ]);
    const columns = `SELECT name FROM system.columns WHERE database = 'spanbus' AND table = 'trace_misses'`;
    expect(await first.rows(columns)).toContainEqual({ name: 'Later' });
  });
});

describe('the statements for a cluster with Keeper', () => {
  const statements = [
    ...listSql('schema'),
    'migrate/create_database',
    'migrate/create_schema_migrations',
    'migrate/create_distributed',
    'migrate/create_distributed_by_trace',
    'migrate/flush_distributed',
    'migrate/ttl_otel_traces',
    'migrate/ttl_trace_id_ts',
    'migrate/ttl_trace_hours',
  ];
  it.each(statements)('%s is one that ClickHouse can read', async (name) => {
    const statement = forCluster(readSql(name), 'two')
      .replaceAll(/\{\w+:Identifier\}/g, 'x')
      .replaceAll(/\{\w+:String\}/g, "'x'")
      .replaceAll(/\{\w+:UInt32\}/g, '3');
    const [row] = await (databases[0] as TestDatabase).rows<{ text: string }>(
      `SELECT formatQuery('${statement.replaceAll('\\', '\\\\').replaceAll("'", "\\'")}') AS text`,
    );
    expect(row?.text).toMatch(/ON CLUSTER two/);
    expect(row?.text).not.toMatch(/ENGINE = (?!Replicated|Distributed|Atomic)|\bnon_replicated/);
  });

  it('take no name that is none', () => {
    expect(() => forCluster('CREATE TABLE x', "a'b")).toThrow(/no name of a cluster/);
  });
});
