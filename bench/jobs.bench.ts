import { type ClickHouseClient } from '@clickhouse/client';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { connect, Session } from '../src/clickhouse/client.js';
import { startEmbedded } from '../src/clickhouse/embedded.js';
import { migrate } from '../src/clickhouse/migrate.js';
import { runJobs } from '../src/jobs/run.js';
import { readStacks } from '../src/views/read.js';
import { median, ratio, type Bench, type BenchOptions, type Row, type Target } from './harness.js';

const generator = readFileSync(join(import.meta.dirname, 'jobs-spans.sql'), 'utf8');
const epoch = Date.UTC(2026, 10, 1);
const hourMs = 3_600_000;
const million = 1_000_000;
/** Spans per second of each job that are asked for, and GiB of memory at the largest size. */
const limits = { edges: 3 * million, stacks: million, critical: million / 2 };
const memoryLimit = 4;

interface Server {
  client: ClickHouseClient;
  pid: number;
}

/** Inserts spans of one hour; `hour` counts from the epoch of the bench. */
async function generate({ client }: Server, database: string, hour: number, spans: number): Promise<void> {
  const from = new Date(epoch + hour * hourMs).toISOString().slice(0, 19).replace('T', ' ');
  await client.command({
    query: generator.replace('INSERT INTO otel_traces', `INSERT INTO ${database}.otel_traces`),
    query_params: { from, seconds: 3500, traces: Math.ceil(spans / 16), salt: hour },
  });
}

const seconds = async (action: () => Promise<unknown>): Promise<number> => {
  const started = performance.now();
  await action();
  return (performance.now() - started) / 1000;
};

/** The greatest resident size of the server since the last reset, in GiB. */
function peakMemory(pid: number): number {
  return Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? NaN) / 1024 ** 2;
}

/** Each job alone over one hour of so many spans, discovery and publication included. */
async function throughput(server: Server, spans: number, rounds: number): Promise<{ rows: Row[]; targets: Target[] }> {
  const size = `${Math.round(spans / 1e5) / 10} M spans`;
  const database = `size_${spans}`;
  await migrate(server.client, { database });
  await generate(server, database, 0, spans);
  writeFileSync(`/proc/${server.pid}/clear_refs`, '5');
  const rows: Row[] = [];
  const targets: Target[] = [];
  for (const [job, limit] of Object.entries(limits)) {
    const row: Row = { name: `${job}, ${size}`, unit: 'spans/s', values: [] };
    for (let round = 0; round < rounds; round++) {
      let read = 0;
      const window = { from: epoch, to: epoch + hourMs };
      const took = await seconds(async () => {
        read = (await runJobs(server.client, { database, jobs: [job], ...window })).spans;
      });
      row.values.push(read / took);
    }
    rows.push(row);
    targets.push({ name: row.name, value: median(row.values), op: '>=', limit });
  }
  const peak: Row = { name: `peak memory, ${size}`, unit: 'GiB', values: [peakMemory(server.pid)] };
  await server.client.command({ query: `DROP DATABASE ${database} SYNC` });
  return {
    rows: [...rows, peak],
    targets: [...targets, { name: peak.name, value: median(peak.values), op: '<=', limit: memoryLimit }],
  };
}

/** All jobs over one new hour, with more and more hours of history behind it. */
async function newHour(server: Server, { rounds, quick }: BenchOptions): Promise<{ rows: Row[]; targets: Target[] }> {
  const spans = quick ? 4000 : 100_000;
  const histories = quick ? [0, 3] : [0, 10, 100];
  const rows = histories.map((hours): Row => ({ name: `new hour after ${hours}`, unit: 's', values: [] }));
  // Round by round, each history in a database of its own: what the machine does in a round, it does to all of them.
  const next = new Map<number, number>();
  for (const hours of histories) {
    const database = `history_${hours}`;
    await migrate(server.client, { database });
    for (let hour = 0; hour < hours; hour++) await generate(server, database, hour, spans);
    await runJobs(server.client, { database, marginSeconds: 0 });
    next.set(hours, hours);
  }
  for (let round = 0; round < rounds; round++) {
    for (const [place, hours] of histories.entries()) {
      const database = `history_${hours}`;
      const hour = next.get(hours) ?? 0;
      if (hours === 0) {
        await server.client.command({ query: `DROP DATABASE ${database} SYNC` });
        await migrate(server.client, { database });
      }
      await generate(server, database, hour, spans);
      rows[place]?.values.push(await seconds(() => runJobs(server.client, { database, marginSeconds: 0 })));
      next.set(hours, hours === 0 ? 0 : hour + 1);
    }
  }
  const [none, ...others] = rows as [Row, ...Row[]];
  return {
    rows,
    targets: others.map((row) => ({
      name: `${row.name}, against none`,
      value: ratio(row, none),
      op: '<=',
      limit: 1.15,
    })),
  };
}

/** The flame graph of a week, out of the aggregates. */
async function week(server: Server, { rounds, quick }: BenchOptions): Promise<{ rows: Row[]; targets: Target[] }> {
  const database = 'week';
  await migrate(server.client, { database });
  for (let hour = 0; hour < 168; hour++) await generate(server, database, hour, quick ? 320 : 8000);
  await runJobs(server.client, { database });
  const session = await Session.open(server.client, { database });
  const row: Row = { name: 'flame graph of a week', unit: 'ms', values: [] };
  const window = { from: epoch, to: epoch + 168 * hourMs };
  for (let round = 0; round < rounds; round++) {
    const took = await seconds(() => readStacks(session, window, { weight: 'self', frames: 'span' }));
    row.values.push(took * 1000);
  }
  return { rows: [row], targets: [{ name: row.name, value: median(row.values), op: '<=', limit: 300 }] };
}

/** The aggregation jobs on generated agent traces, on the embedded server: speed, memory, cost of a new hour, reading the result. */
export const bench: Bench = async (options) => {
  const { rounds, quick } = options;
  const embedded = await startEmbedded();
  const server = { client: connect(embedded), pid: embedded.pid };
  try {
    const parts = [];
    parts.push(await week(server, options), await newHour(server, options));
    for (const spans of quick ? [million / 10] : [million, 4 * million, 16 * million]) {
      parts.push(await throughput(server, spans, spans > 4 * million ? Math.min(rounds, 2) : rounds));
    }
    return {
      name: 'jobs',
      rounds,
      rows: parts.flatMap(({ rows }) => rows),
      targets: parts.flatMap(({ targets }) => targets),
    };
  } finally {
    await server.client.close();
    await embedded.close();
  }
};
