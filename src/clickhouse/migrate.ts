import { type ClickHouseClient } from '@clickhouse/client';
import { createHash } from 'node:crypto';
import { Session } from './client.js';
import { ClickHouseError } from './errors.js';
import { listSql, readSql } from '../sql/read.js';

export interface MigrateOptions {
  /** Created when it is missing. @default default */
  database?: string;
  /** Spans are dropped after this many days. @default unchanged: kept for ever on a new table */
  ttlDays?: number;
  /** The URL that error messages name. */
  url?: string;
}

export interface MigrateResult {
  /** The statements that ran now; empty when the schema was up to date. */
  applied: string[];
}

const defaults = { database: 'default' };
const ttlStatements = [
  'migrate/ttl_otel_traces',
  'migrate/ttl_trace_id_ts',
  'migrate/ttl_trace_hours',
  'migrate/ttl_span_content',
];

/** Views in the order they read one another. */
const views = ['call_graph', 'flame_values', 'flame_paths', 'flame_stacks', 'agents', 'trace_summary'];

/**
 * Creates the schema or brings it up to date. Every statement is safe to repeat and those already noted are skipped, so this may run
 * again at any time, and from several places at once.
 *
 * @throws ClickHouseError
 */
export async function migrate(client: ClickHouseClient, options: MigrateOptions = {}): Promise<MigrateResult> {
  const { database, ttlDays } = { ...defaults, ...options };
  const session = await Session.open(client, options.url === undefined ? {} : { url: options.url });
  await retry(() => session.run('migrate/create_database', { database }));
  await session.run('queries/use_database', { database });
  await retry(() => session.run('migrate/create_schema_migrations'));

  const done = new Map(
    (await session.select<{ name: string; checksum: string }>('migrate/applied')).map((row) => [
      row.name,
      row.checksum,
    ]),
  );
  const applied: string[] = [];
  const once = async (name: string, text: string, params: Record<string, string>) => {
    const checksum = createHash('sha256').update(text).digest('hex').slice(0, 16);
    // A numbered statement runs once, whatever its text became; a view is renewed when its text changed.
    if (name.startsWith('schema/') ? done.has(name) : done.get(name) === checksum) return;
    await retry(() => session.statement(text, params));
    await session.run('migrate/record', { name, checksum });
    applied.push(name);
  };
  for (const name of listSql('schema')) await once(name, readSql(name), {});
  for (const view of views) {
    await once(`views/${view}`, `${readSql('migrate/create_view')}\n${readSql(`views/${view}`)}`, { name: view });
  }
  if (ttlDays !== undefined) for (const name of ttlStatements) await retry(() => session.run(name, { days: ttlDays }));
  return { applied };
}

/** Two migrations at once can get in each other's way for a moment: a table that is just being created or altered. */
async function retry<T>(attempt: () => Promise<T>): Promise<T> {
  for (let round = 1; ; round++) {
    try {
      return await attempt();
    } catch (error) {
      if (round === 8 || !(error instanceof ClickHouseError) || error.code === 'unreachable') throw error;
      await new Promise((wake) => setTimeout(wake, round * 40 * (1 + Math.random())));
    }
  }
}
