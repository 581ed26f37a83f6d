import { readSql } from '../sql/read.js';
import type { Batch, SpanSink } from './batch-exporter.js';
import type { ClickHouseConnection } from './clickhouse-connection.js';
import { contentColumns, contentRows } from './content-columns.js';
import { encodeBlock } from './native-format.js';
import { spanColumns, type Resource } from './span-columns.js';

/** A batch as ClickHouse takes it. */
export interface EncodedBatch {
  readonly token: string;
  readonly spans: number;
  readonly body: Buffer;
  readonly content: Buffer | undefined;
}

/** Inserts batches into `otel_traces`, and the content that was captured with them into `span_content`. */
export class ClickHouseSink implements SpanSink {
  private readonly columns;
  private readonly contentColumns;
  private readonly query = readSql('capture/insert_spans');
  private readonly contentQuery = readSql('capture/insert_content');
  private encoded: EncodedBatch | undefined;

  constructor(
    private readonly connection: ClickHouseConnection,
    resource: Resource,
  ) {
    this.columns = spanColumns(resource);
    this.contentColumns = contentColumns(resource);
  }

  async send(batch: Batch): Promise<void> {
    await this.insert(this.encode(batch));
    this.encoded = undefined;
  }

  /** The batch encoded; kept for the next attempt. */
  encode({ token, spans }: Batch): EncodedBatch {
    if (this.encoded?.token !== token) {
      const rows = contentRows(spans);
      const content = rows.length > 0 ? encodeBlock(this.contentColumns, rows) : undefined;
      this.encoded = { token, spans: spans.length, body: encodeBlock(this.columns, spans), content };
    }
    return this.encoded;
  }

  /** @throws ExportError */
  async insert({ token, body, content }: EncodedBatch): Promise<void> {
    // each table knows the token: whichever of the two was stored before is skipped
    if (content) await this.connection.insert(this.contentQuery, content, token);
    await this.connection.insert(this.query, body, token);
  }

  async close(): Promise<void> {}
}
