import { readSql } from '../sql/read.js';
import type { Batch, SpanSink } from './batch-exporter.js';
import type { ClickHouseConnection } from './clickhouse-connection.js';
import { encodeBlock } from './native-format.js';
import { spanColumns, type Resource } from './span-columns.js';

/** Inserts batches into `otel_traces`. */
export class ClickHouseSink implements SpanSink {
  private readonly columns;
  private readonly query = readSql('capture/insert_spans');
  private encoded: { token: string; body: Buffer } | undefined;

  constructor(
    private readonly connection: ClickHouseConnection,
    resource: Resource,
  ) {
    this.columns = spanColumns(resource);
  }

  async send(batch: Batch): Promise<void> {
    if (this.encoded?.token !== batch.token) {
      this.encoded = { token: batch.token, body: encodeBlock(this.columns, batch.spans) };
    }
    await this.connection.insert(this.query, this.encoded.body, batch.token);
    this.encoded = undefined;
  }

  async close(): Promise<void> {}
}
