import { type ClickHouseClient, type ClickHouseSettings } from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { connect, Session } from '../../src/clickhouse/client.js';
import { startEmbedded, type EmbeddedServer } from '../../src/clickhouse/embedded.js';
import { migrate } from '../../src/clickhouse/migrate.js';

/** A span as a test writes it; what is left out has a plain default. Times in ms after 2026-11-01 12:00:00 UTC. */
export interface TestSpan {
  trace: string;
  id: string;
  parent?: string;
  name?: string;
  kind?: string;
  service?: string;
  at: number;
  ms: number;
  error?: boolean;
  attributes?: Record<string, string>;
  traceState?: string;
  weight?: number;
  keepReason?: string;
}

export const testEpoch = Date.UTC(2026, 10, 1, 12);

/** A real ClickHouse for the tests of one file: the one at CLICKHOUSE_URL, else an embedded one. */
export function useClickHouse() {
  let server: EmbeddedServer | undefined;
  let url = process.env['CLICKHOUSE_URL'] ?? '';
  const clients: ClickHouseClient[] = [];
  beforeAll(async () => {
    if (url !== '') return;
    server = await startEmbedded();
    url = server.url;
  });
  afterAll(async () => {
    await Promise.all(clients.map((client) => client.close()));
    await server?.close();
  });
  const client = () => {
    const made = connect({ url });
    clients.push(made);
    return made;
  };
  return {
    url: () => url,
    client,
    /** A database of its own for one test, with the schema. */
    async database(): Promise<TestDatabase> {
      const database = `test_${randomUUID().replaceAll('-', '')}`;
      const own = client();
      await migrate(own, { database });
      return new TestDatabase(own, database, url);
    },
  };
}

export class TestDatabase {
  constructor(
    readonly client: ClickHouseClient,
    readonly name: string,
    readonly url: string,
  ) {}

  session(): Promise<Session> {
    return Session.open(this.client, { database: this.name });
  }

  async rows<Row>(query: string): Promise<Row[]> {
    const settings = { output_format_json_quote_64bit_integers: 0 as const };
    const result = await this.client.query({ query, format: 'JSONEachRow', clickhouse_settings: settings });
    return result.json<Row>();
  }

  async insert(spans: readonly TestSpan[], settings: ClickHouseSettings = {}): Promise<void> {
    const values = spans.map((span) => ({
      Timestamp: new Date(testEpoch + span.at).toISOString().replace('T', ' ').replace('Z', '000000'),
      TraceId: span.trace,
      SpanId: span.id,
      ParentSpanId: span.parent ?? '',
      TraceState: span.traceState ?? '',
      SpanName: span.name ?? 'work',
      SpanKind: span.kind ?? 'Internal',
      ServiceName: span.service ?? 'a',
      SpanAttributes: span.attributes ?? {},
      Duration: span.ms * 1_000_000,
      StatusCode: span.error === true ? 'Error' : 'Unset',
      ...(span.weight === undefined ? {} : { Weight: span.weight }),
      ...(span.keepReason === undefined ? {} : { KeepReason: span.keepReason }),
    }));
    const into = { table: `${this.name}.otel_traces`, format: 'JSONEachRow' as const, clickhouse_settings: settings };
    await this.client.insert({ ...into, values });
  }
}
