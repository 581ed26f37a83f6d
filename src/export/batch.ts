import { randomUUID } from 'node:crypto';
import type { Batch } from './batch-exporter.js';
import type { ExportedSpan } from './span-columns.js';
import type { QueuedSpans } from './span-queue.js';

/** A batch of spans as they were queued. */
export function queuedBatch(queued: QueuedSpans): Batch {
  return new WholeBatch(queued);
}

/** A batch of some spans, as a batch of its own. */
export function batchOf(spans: readonly ExportedSpan[]): Batch {
  return { spans, size: spans.length, token: randomUUID() };
}

/** Its spans are made when the sink asks for them. */
class WholeBatch implements Batch {
  readonly token = randomUUID();
  private made: ExportedSpan[] | undefined;

  constructor(private readonly queued: QueuedSpans) {}

  get size(): number {
    return this.queued.size;
  }

  get spans(): readonly ExportedSpan[] {
    return (this.made ??= this.queued.read());
  }
}
