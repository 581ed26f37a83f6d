import type { Batch, ExportedSpan, SpanSink } from '../../src/index.js';
import type { SpanbusSpan } from '../../src/trace/span.js';

/** A sink that keeps what it gets, or fails as it is told. */
export class MemorySink implements SpanSink {
  readonly batches: Batch[] = [];
  failure: Error | undefined;
  attempts = 0;

  async send(batch: Batch): Promise<void> {
    this.attempts++;
    if (this.failure) throw this.failure;
    this.batches.push(batch);
  }

  async close(): Promise<void> {}

  get rows(): ExportedSpan[] {
    return this.batches.flatMap((batch) => batch.spans);
  }

  get spans(): SpanbusSpan[] {
    return this.rows.map((row) => row.span as SpanbusSpan);
  }
}
