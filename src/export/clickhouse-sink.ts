import { readSql } from '../sql/read.js';
import type { Batch, SpanSink } from './batch-exporter.js';
import type { ClickHouseConnection } from './clickhouse-connection.js';
import { contentColumns, contentRows } from './content-columns.js';
import { encodeBlock } from './native-format.js';
import { spanColumns, type Resource } from './span-columns.js';

/** Inserts batches into `otel_traces`, and the content that was captured with them into `span_content`. */
export class ClickHouseSink implements SpanSink {
  private readonly columns;
  private readonly contentColumns;
  private readonly query = readSql('capture/insert_spans');
  private readonly contentQuery = readSql('capture/insert_content');
  private encoded: { token: string; body: Buffer; content: Buffer | undefined } | undefined;

  constructor(
    private readonly connection: ClickHouseConnection,
    resource: Resource,
  ) {
    this.columns = spanColumns(resource);
    this.contentColumns = contentColumns(resource);
  }

  async send(batch: Batch): Promise<void> {
    if (this.encoded?.token !== batch.token) {
      const rows = contentRows(batch.spans);
      const content = rows.length > 0 ? encodeBlock(this.contentColumns, rows) : undefined;
      this.encoded = { token: batch.token, body: encodeBlock(this.columns, batch.spans), content };
    }
    // each table knows the token: whichever of the two was stored before is skipped
    if (this.encoded.content) await this.connection.insert(this.contentQuery, this.encoded.content, batch.token);
    await this.connection.insert(this.query, this.encoded.body, batch.token);
    this.encoded = undefined;
  }

  async close(): Promise<void> {}
}
