import { randomUUID } from 'node:crypto';
import { connect } from '../../src/clickhouse/client.js';
import { startEmbedded } from '../../src/clickhouse/embedded.js';
import { migrate } from '../../src/clickhouse/migrate.js';
import type { ClickHouseClient } from '@clickhouse/client';

/** A ClickHouse with an empty, migrated database of the test's own. */
export interface TestDatabase {
  readonly url: string;
  readonly database: string;
  readonly client: ClickHouseClient;
  /** Rows of a query, in which `{db}` stands for the database. */
  rows<T>(query: string): Promise<T[]>;
  stop(): Promise<void>;
}

/** The server at CLICKHOUSE_URL, else an embedded one. */
export async function testDatabase(): Promise<TestDatabase> {
  const given = process.env['CLICKHOUSE_URL'];
  const server = given ? undefined : await startEmbedded();
  const url = given ?? server!.url;
  const client = connect({ url });
  const database = `test_${randomUUID().replaceAll('-', '')}`;
  await migrate(client, { database });
  return {
    url,
    database,
    client,
    async rows<T>(query: string) {
      const result = await client.query({ query: query.replaceAll('{db}', database), format: 'JSONEachRow' });
      return result.json<T>();
    },
    async stop() {
      await client.command({ query: `DROP DATABASE IF EXISTS ${database}` });
      await client.close();
      await server?.close();
    },
  };
}
