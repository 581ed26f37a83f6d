import type { Batch, ExportedSpan, SpanSink } from '../../src/index.js';

/**
 * Keeps spans in memory instead of storing them: `createTracing({ sink: new MemoryExporter() })`. They are there once
 * `forceFlush()` has resolved.
 */
export class MemoryExporter implements SpanSink {
  private batches: Batch[] = [];

  async send(batch: Batch): Promise<void> {
    this.batches.push(batch);
  }

  async close(): Promise<void> {}

  /** Spans with their weights, in the order in which they ended. */
  get rows(): ExportedSpan[] {
    return this.batches.flatMap((batch) => batch.spans);
  }

  get spans(): ExportedSpan['span'][] {
    return this.rows.map((row) => row.span);
  }

  clear(): void {
    this.batches = [];
  }
}
