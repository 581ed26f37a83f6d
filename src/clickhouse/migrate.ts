import { type ClickHouseClient } from '@clickhouse/client';
import { createHash } from 'node:crypto';
import { Session, type SqlParams } from './client.js';
import { forCluster, shardDatabase, type ClusterOptions } from './cluster.js';
import { ClickHouseError } from './errors.js';
import { listSql, readSql } from '../sql/read.js';

export interface MigrateOptions {
  /** Created when it is missing. @default default */
  database?: string;
  /** Spans are dropped after this many days. @default unchanged: kept for ever on a new table */
  ttlDays?: number;
  /** Spreads the database over the shards of a cluster. @default one server */
  cluster?: ClusterOptions;
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
 * On a cluster the tables are in a database `<database>_shard` of each server, and the database itself has Distributed tables over them
 * and the views.
 *
 * @throws ClickHouseError
 */
export async function migrate(client: ClickHouseClient, options: MigrateOptions = {}): Promise<MigrateResult> {
  const { database, ttlDays, cluster } = { ...defaults, ...options };
  const session = await Session.open(client, options.url === undefined ? {} : { url: options.url });
  const migration = new Migration(session, cluster);
  const local = cluster === undefined ? database : shardDatabase(database);

  const tables = async () => {
    for (const name of listSql('schema')) await migration.once(name, readSql(name));
    if (ttlDays !== undefined) for (const name of ttlStatements) await migration.run(readSql(name), { days: ttlDays });
  };
  const createViews = async () => {
    for (const name of views) {
      const text = `${readSql('migrate/create_view')}\n${readSql(`views/${name}`)}`;
      await migration.once(`views/${name}`, text, { name });
    }
  };
  if (cluster === undefined) {
    await migration.in(database, async () => {
      await tables();
      await createViews();
    });
  } else {
    await migration.in(local, tables);
    await migration.in(database, async () => {
      await migration.distribute(local, cluster.name);
      await createViews();
    });
  }
  return { applied: migration.applied };
}

/** One run of migrate: statements as the cluster, if any, needs them, and the record of those that have run in a database. */
class Migration {
  readonly applied: string[] = [];
  private done = new Map<string, string>();
  private unnoted = new Map<string, string>();

  constructor(
    private readonly session: Session,
    private readonly cluster: ClusterOptions | undefined,
  ) {}

  /**
   * Works in a database, which is created where it is missing. What has run is noted at the end, also when something fails: one note for
   * each statement takes longer than the statements, and to run them again is safe.
   */
  async in(database: string, work: () => Promise<void>): Promise<void> {
    await this.open(database);
    try {
      await work();
    } catch (error) {
      await this.note().catch(() => undefined);
      throw error;
    }
    await this.note();
  }

  private async open(database: string): Promise<void> {
    await this.run(readSql('migrate/create_database'), { database });
    this.session.database = database;
    await this.run(readSql('migrate/create_schema_migrations'));
    const rows = await this.session.select<{ name: string; checksum: string }>('migrate/applied');
    this.done = new Map(rows.map((row) => [row.name, row.checksum]));
  }

  async run(text: string, params: SqlParams = {}): Promise<void> {
    const { cluster } = this;
    const statement = cluster === undefined || cluster.keeper === false ? text : forCluster(text, cluster.name);
    await retry(() => this.session.statement(statement, params));
  }

  /** Runs a statement that has not run yet: a numbered one once, whatever its text became, any other again when its text changed. */
  async once(name: string, text: string, params: SqlParams = {}, version = text): Promise<void> {
    const checksum = createHash('sha256').update(version).digest('hex').slice(0, 16);
    if (name.startsWith('schema/') ? this.done.has(name) : this.done.get(name) === checksum) return;
    await this.run(text, params);
    this.unnoted.set(name, checksum);
    this.applied.push(name);
  }

  private async note(): Promise<void> {
    if (this.unnoted.size === 0) return;
    const [names, checksums] = [[...this.unnoted.keys()], [...this.unnoted.values()]];
    await this.session.run('migrate/record', { names, checksums });
    this.unnoted.clear();
  }

  /** Distributed tables over those of the shards, renewed when those have changed. */
  async distribute(local: string, cluster: string): Promise<void> {
    const tables = await this.session.select<{ name: string; text: string; by_trace: unknown }>(
      'migrate/local_tables',
      {
        local,
      },
    );
    for (const { name, text, by_trace } of tables) {
      const id = `distributed/${name}`;
      if (this.done.has(id)) await this.run(readSql('migrate/flush_distributed'), { name });
      const create = readSql(
        Number(by_trace) === 1 ? 'migrate/create_distributed_by_trace' : 'migrate/create_distributed',
      );
      // After AS, ClickHouse takes a database and a table only as they are.
      const source = [local, name].map(quoteIdentifier).join('.');
      const over = create.replace('{local:Identifier}.{name:Identifier}', () => source);
      await this.once(id, over, { name, local, cluster }, text);
    }
  }
}

function quoteIdentifier(name: string): string {
  return `\`${name.replace(/[\\`]/g, '\\$&')}\``;
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
