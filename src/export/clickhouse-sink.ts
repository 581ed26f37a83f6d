import { Readable } from 'node:stream';
import type { ClickHouseClient } from '@clickhouse/client';
import { context } from '@opentelemetry/api';
import { ExportError } from '../errors.js';
import { readSql } from '../sql/read.js';
import { suppressed } from '../trace/context.js';
import type { Batch, SpanSink } from './batch-exporter.js';
import { encodeBlock } from './native-format.js';
import { spanColumns, type Resource } from './span-columns.js';

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
const DATA_ERRORS = new Set([
  '6',
  '26',
  '27',
  '33',
  '38',
  '41',
  '53',
  '69',
  '70',
  '72',
  '117',
  '131',
  '271',
  '349',
  '457',
  '636',
]);
const SCHEMA_ERRORS = new Set(['16', '60', '81']);
const LOGIN_ERRORS = new Set(['192', '193', '194', '516']);

/** Inserts batches into `otel_traces`. The client library is loaded with the first batch. */
export class ClickHouseSink implements SpanSink {
  private client: Promise<ClickHouseClient> | undefined;
  private readonly columns;
  private readonly insert = readSql('capture/insert_spans');
  private encoded: { token: string; body: Buffer } | undefined;

  constructor(
    private readonly address: ClickHouseAddress,
    resource: Resource,
  ) {
    this.columns = spanColumns(resource);
  }

  async send(batch: Batch): Promise<void> {
    if (this.encoded?.token !== batch.token) {
      this.encoded = { token: batch.token, body: encodeBlock(this.columns, batch.spans as Batch['spans'][number][]) };
    }
    const { body } = this.encoded;
    try {
      // an instrumented HTTP client would make a span of every insert, and an insert of every span
      await context.with(suppressed(context.active()), async () => {
        const client = await (this.client ??= this.connect());
        const result = await client.exec({
          query: this.insert,
          values: Readable.from([body], { objectMode: false }),
          clickhouse_settings: { async_insert: 0, insert_deduplication_token: batch.token },
        });
        let answer = '';
        for await (const chunk of result.stream) answer = (answer + String(chunk)).slice(0, 200);
        // an insert has nothing to say: whoever talks, and is not ClickHouse, has not stored it
        if (answer !== '' && !('x-clickhouse-query-id' in result.response_headers)) throw new Error(answer);
      });
      this.encoded = undefined;
    } catch (error) {
      throw explain(error, this.address);
    }
  }

  async close(): Promise<void> {
    await (await this.client)?.close();
  }

  private async connect(): Promise<ClickHouseClient> {
    const { createClient, ClickHouseLogLevel } = await import('@clickhouse/client');
    return createClient({
      ...this.address,
      application: 'spanbus',
      request_timeout: REQUEST_TIMEOUT_MS,
      max_open_connections: 1,
      log: { level: ClickHouseLogLevel.OFF },
    });
  }
}

/** Says in one line what is wrong with the server, and whether trying again makes sense. */
function explain(error: unknown, { url, database, username }: ClickHouseAddress): ExportError {
  const { code, message = String(error) } = error as { code?: string; message?: string };
  const at = `ClickHouse at ${new URL(url).origin}`;
  const line = message.split('\n', 1)[0]!.slice(0, 200);
  if (code !== undefined && DATA_ERRORS.has(code))
    return new ExportError('REJECTED', `${at} rejects spans: ${line}`, { cause: error });
  if (code !== undefined && SCHEMA_ERRORS.has(code)) {
    const text = `${at} has no spanbus schema in database ${database}: run "spanbus migrate"`;
    return new ExportError('NO_SCHEMA', text, { cause: error });
  }
  if ((code !== undefined && LOGIN_ERRORS.has(code)) || /\b401\b|\b403\b|unauthorized/i.test(line)) {
    return new ExportError('UNAUTHORIZED', `${at} does not let user ${username} in`, { cause: error });
  }
  if (code !== undefined && /^\d+$/.test(code))
    return new ExportError('REFUSED', `${at} refused an insert: ${line}`, { cause: error });
  if (/<(!doctype|html)/i.test(message)) {
    return new ExportError('NOT_CLICKHOUSE', `${new URL(url).origin} is not ClickHouse: it answers HTML`, {
      cause: error,
    });
  }
  return new ExportError('UNREACHABLE', `${at} cannot be reached: ${code ?? line}`, { cause: error });
}
