import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { context } from '@opentelemetry/api';
import { ExportError } from '../errors.js';
import { suppressed } from '../trace/context.js';
import { backgroundAgent } from './background-agent.js';

/** Where ClickHouse is. */
export interface ClickHouseAddress {
  /** @default CLICKHOUSE_URL, else http://127.0.0.1:8123 */
  url: string;
  /** @default CLICKHOUSE_DATABASE, else `default` */
  database: string;
  /** @default CLICKHOUSE_USER, else `default` */
  username: string;
  /** @default CLICKHOUSE_PASSWORD, else empty */
  password: string;
}

const REQUEST_TIMEOUT_MS = 30_000;

/** Server error codes that say the rows themselves are wrong: sending them again cannot help. */
const DATA_ERRORS = new Set('6 26 27 33 38 41 53 69 70 72 117 131 271 349 457 636'.split(' '));
const SCHEMA_ERRORS = new Set(['16', '60', '81']);
const LOGIN_ERRORS = new Set(['192', '193', '194', '516']);

/** The capture side's way to ClickHouse; the client library is loaded with the first call. Nothing that it does is traced. */
export class ClickHouseConnection {
  private client: Promise<ClickHouseClient> | undefined;
  private readonly closing = new AbortController();

  constructor(private readonly address: ClickHouseAddress) {}

  /**
   * Runs an INSERT whose rows are `body`, once per `token` however often it is called.
   * @throws ExportError
   */
  async insert(query: string, body: Uint8Array | string, token: string): Promise<void> {
    await this.run(query, {
      values: Readable.from([Buffer.from(body as Uint8Array)], { objectMode: false }),
      clickhouse_settings: { async_insert: 0, insert_deduplication_token: token },
    });
  }

  /**
   * The rows of a SELECT in JSONEachRow.
   * @throws ExportError
   */
  async select<T>(query: string, params: Record<string, unknown>): Promise<T[]> {
    const text = await this.run(query, { query_params: params });
    return text
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as T);
  }

  /** Ends what is under way, and refuses what comes later: both fail as if the server were away. */
  async close(): Promise<void> {
    this.closing.abort();
    await (await this.client)?.close();
  }

  private async run(query: string, options: object): Promise<string> {
    try {
      this.closing.signal.throwIfAborted();
      // an instrumented HTTP client would make a span of every insert, and an insert of every span
      return await context.with(suppressed(context.active()), async () => {
        const client = await (this.client ??= this.connect());
        const result = await client.exec({ query, abort_signal: this.closing.signal, ...options });
        const chunks: Buffer[] = [];
        for await (const chunk of result.stream) chunks.push(chunk as Buffer);
        const answer = Buffer.concat(chunks).toString();
        // an insert has nothing to say: whoever talks, and is not ClickHouse, has not stored it
        if (answer !== '' && !('x-clickhouse-query-id' in result.response_headers))
          throw new Error(answer.slice(0, 200));
        return answer;
      });
    } catch (error) {
      throw explain(error, this.address);
    }
  }

  private async connect(): Promise<ClickHouseClient> {
    const { createClient, ClickHouseLogLevel } = await import('@clickhouse/client');
    return createClient({
      ...this.address,
      application: 'spanbus',
      request_timeout: REQUEST_TIMEOUT_MS,
      http_agent: backgroundAgent(this.address.url),
      log: { level: ClickHouseLogLevel.OFF },
    });
  }
}

/** Says in one line what is wrong with the server, and whether trying again makes sense. */
function explain(error: unknown, { url, database, username }: ClickHouseAddress): ExportError {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  const at = `ClickHouse at ${new URL(url).origin}`;
  const line = message.split('\n', 1)[0]!.slice(0, 200);
  const cause = { cause: error };
  if (code !== undefined && DATA_ERRORS.has(code))
    return new ExportError('REJECTED', `${at} rejects spans: ${line}`, cause);
  if (code !== undefined && SCHEMA_ERRORS.has(code)) {
    return new ExportError(
      'NO_SCHEMA',
      `${at} has no spanbus schema in database ${database}: run "spanbus migrate"`,
      cause,
    );
  }
  if ((code !== undefined && LOGIN_ERRORS.has(code)) || /\b401\b|\b403\b|unauthorized/i.test(line)) {
    return new ExportError('UNAUTHORIZED', `${at} does not let user ${username} in`, cause);
  }
  if (code !== undefined && /^\d+$/.test(code))
    return new ExportError('REFUSED', `${at} refused a request: ${line}`, cause);
  if (/<(!doctype|html)/i.test(message)) {
    return new ExportError('NOT_CLICKHOUSE', `${new URL(url).origin} is not ClickHouse: it answers HTML`, cause);
  }
  return new ExportError('UNREACHABLE', `${at} cannot be reached: ${code ?? line}`, cause);
}
