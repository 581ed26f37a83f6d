import { ClickHouseLogLevel, createClient, type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { parseServerUrl, shownUrl } from '../clickhouse-url.js';
import { ClickHouseError, toClickHouseError } from './errors.js';
import { lookCloser } from './look-closer.js';
import { readSql } from '../sql/read.js';

/** Where ClickHouse is. Each field falls back to CLICKHOUSE_URL, CLICKHOUSE_DATABASE, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD. */
export interface ConnectionOptions {
  /** @default http://127.0.0.1:8123 */
  url?: string;
  /** @default default */
  database?: string;
  /** @default default */
  username?: string;
  /** @default none */
  password?: string;
}

/** What a query parameter may be; ClickHouse parses it by the type in the SQL: `{name:Type}`. */
export type SqlParams = Record<string, string | number | bigint | readonly (string | number)[]>;

const defaults = { url: 'http://127.0.0.1:8123', database: 'default', username: 'default', password: '' };

/** Statements may run for hours, so only the connection attempt has to be quick. */
const requestTimeoutMs = 6 * 3_600_000;
/** What a server says of itself. */
interface Server {
  version: string;
  now: string;
  shard: string;
}
/** How long it may take for that. */
const HELLO_MS = 10_000;

const settings: ClickHouseSettings = {
  // An error in the middle of a statement is then an HTTP error, and the written rows are known at the end.
  wait_end_of_query: 1,
  output_format_json_quote_64bit_integers: 0,
  async_insert: 0,
  // Where tables span a cluster: the session's temporary tables are on this server only, so they travel with the query.
  prefer_global_in_and_join: 1,
  // A first run may find years of traces, and one broken clock spreads its traces over as many days.
  max_partitions_per_insert_block: '0',
};

/**
 * The connection options with the environment and the defaults filled in. A login in the URL counts as given with it, and is taken
 * out, so that the URL may be shown.
 *
 * @throws ClickHouseError `invalid-url`
 */
export function resolveConnection(options: ConnectionOptions = {}): Required<ConnectionOptions> {
  const { CLICKHOUSE_URL, CLICKHOUSE_DATABASE, CLICKHOUSE_USER, CLICKHOUSE_PASSWORD } = process.env;
  const given = options.url ?? (CLICKHOUSE_URL || defaults.url);
  const server = parseServerUrl(given);
  if (!server) {
    const shown = JSON.stringify(shownUrl(given));
    throw new ClickHouseError('invalid-url', `${shown} is not a ClickHouse URL; it looks like http://host:8123`);
  }
  return {
    url: server.url,
    database: options.database ?? (CLICKHOUSE_DATABASE || defaults.database),
    username: options.username ?? server.username ?? (CLICKHOUSE_USER || defaults.username),
    password: options.password ?? server.password ?? (CLICKHOUSE_PASSWORD || defaults.password),
  };
}

/**
 * A client that names no database: sessions choose theirs, so a database that is missing can still be created.
 *
 * @throws ClickHouseError `invalid-url`
 */
export function connect(options: ConnectionOptions = {}): ClickHouseClient {
  const { url, username, password } = resolveConnection(options);
  const log = { level: ClickHouseLogLevel.OFF };
  return createClient({ url, username, password, request_timeout: requestTimeoutMs, log });
}

/**
 * One ClickHouse session: a chosen database, and temporary tables that live until the session is closed or idles for a minute, so a
 * process that is killed leaves nothing behind. Statements run one after the other; they come from the SQL folder by name.
 */
export class Session {
  private constructor(
    private readonly client: ClickHouseClient,
    private readonly id: string,
    readonly url: string,
    private readonly signal: AbortSignal | undefined,
    /** The database of the statements that follow. */
    public database: string | undefined,
    /** The server's time when the session was opened, as ClickHouse writes a DateTime64(9), in UTC. */
    readonly opened = '',
    /** The database of this server's own spans: the session's, or that of its shard when the session's spans a cluster. */
    readonly shard = '',
  ) {}

  /** @throws ClickHouseError when the server cannot be reached, refuses the user, is not ClickHouse, or has no such database */
  static async open(
    client: ClickHouseClient,
    options: { database?: string | undefined; url?: string; signal?: AbortSignal | undefined } = {},
  ): Promise<Session> {
    const shown = shownUrl(options.url ?? 'the given URL');
    const late = AbortSignal.timeout(HELLO_MS);
    const signals = options.signal ? AbortSignal.any([options.signal, late]) : late;
    const id = randomUUID();
    const hello = new Session(client, id, shown, signals, options.database);
    const [server] = await hello.select<Server>('queries/server').catch(async (error: unknown) => {
      if (late.aborted && options.signal?.aborted !== true) {
        const text = `ClickHouse at ${shown} takes connections but has not answered within ${HELLO_MS / 1000} s`;
        throw new ClickHouseError('unreachable', text, { cause: error });
      }
      throw error instanceof ClickHouseError ? await lookCloser(error, shown) : error;
    });
    // A page without a line break parses as no rows at all.
    if (server?.version === undefined) throw toClickHouseError(new SyntaxError('no version'), shown);
    return new Session(client, id, shown, options.signal, options.database, server.now, server.shard);
  }

  /** Runs one statement and returns how many rows it wrote. */
  async run(name: string, params: SqlParams = {}): Promise<number> {
    return this.statement(readSql(name), params);
  }

  /** Runs a statement that makes a temporary table, or adds its rows to the table that is there; returns how many rows it wrote. */
  async fill(how: 'create' | 'append', name: string, params: SqlParams = {}): Promise<number> {
    if (how === 'create') return this.run(name, params);
    const [, to = '', query = ''] = /TABLE (\w+)[^]*?^ENGINE = Memory AS$([^]*)/m.exec(readSql(name)) ?? [];
    return this.statement(readSql('queries/append') + query, { ...params, to });
  }

  /** Runs a statement that was put together from SQL files. */
  async statement(query: string, params: SqlParams = {}): Promise<number> {
    try {
      const { summary } = await this.client.command(this.request(query, params));
      return Number(summary?.written_rows ?? 0);
    } catch (error) {
      throw this.explain(error);
    }
  }

  /** Runs one query and returns its rows. */
  async select<Row>(name: string, params: SqlParams = {}): Promise<Row[]> {
    try {
      const query = readSql(name);
      const result = await this.client.query({ ...this.request(query, params), format: 'JSONEachRow' });
      return await result.json<Row>();
    } catch (error) {
      throw this.explain(error);
    }
  }

  private explain(error: unknown): ClickHouseError {
    if (this.signal?.aborted) return new ClickHouseError('aborted', 'given up as asked', { cause: error });
    return toClickHouseError(error, this.url);
  }

  private request(query: string, params: SqlParams) {
    const values: SqlParams = {};
    // What goes as a setting goes as it is: the client escapes parameters, also identifiers, which ClickHouse takes as they are.
    const raw: Record<string, unknown> = this.database === undefined ? {} : { database: this.database };
    for (const [name, value] of Object.entries(params)) {
      if (query.includes(`{${name}:Identifier}`)) raw[`param_${name}`] = value;
      else values[name] = value;
    }
    return {
      query,
      query_params: values,
      session_id: this.id,
      clickhouse_settings: { ...settings, ...(raw as ClickHouseSettings) },
      ...(this.signal === undefined ? {} : { abort_signal: this.signal }),
    };
  }
}
