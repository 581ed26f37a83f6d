import { ExportError } from '../errors.js';
import { batchOf, queuedBatch } from './batch.js';
import type { Batch, SpanSink } from './batch-exporter.js';
import type { QueuedSpans } from './span-queue.js';

/** What becomes of the spans of a delivery, as it goes on. */
export interface DeliveryEvents {
  stored(spans: number): void;
  rejected(spans: number): void;
  /** An attempt failed; it may be followed by another one. */
  failed(error: ExportError): void;
}

const MAX_RETRY_MS = 30_000;
/** Finds half a dozen bad spans among 10,000; where all are bad, few requests are wasted on them. */
const MAX_SPLITS = 64;

function toExportError(error: unknown): ExportError {
  return error instanceof ExportError ? error : new ExportError('REJECTED', String(error), { cause: error });
}

/**
 * Sees spans into a sink: what the sink cannot take now is sent again, under the same token, until it can; what it will never
 * take is halved until the bad spans are found, so that one of them does not take its whole batch with it.
 */
export class Delivery {
  private stopped = false;
  private wake: (() => void) | undefined;
  /** What is under way, and behind it what its batch was split into: the next is the last. */
  private current: Batch | undefined;
  private parts: Batch[] = [];

  /** @param retryMs first wait after a failed attempt; doubles up to 30 s, with jitter */
  constructor(
    private readonly sink: SpanSink,
    private readonly retryMs: number,
    private readonly events: DeliveryEvents,
  ) {}

  /** Resolves when each of the spans is stored or rejected, or the delivery was stopped. */
  async deliver(queued: QueuedSpans): Promise<void> {
    this.parts = [queuedBatch(queued)];
    let splits = MAX_SPLITS;
    for (let part = this.parts.pop(); part && !this.stopped; part = this.parts.pop()) {
      this.current = part;
      if (await this.store(part)) continue;
      if (part.size > 1 && splits-- > 0) {
        const middle = part.size >> 1;
        this.parts.push(batchOf(part.spans.slice(middle)), batchOf(part.spans.slice(0, middle)));
      } else {
        this.current = undefined;
        this.events.rejected(part.size);
      }
    }
    this.current = undefined;
  }

  /** Does not wait for the next attempt. */
  hurry(): void {
    this.wake?.();
  }

  /**
   * Makes no further attempt. What the one under way brings is not told any more.
   *
   * @returns what was not delivered
   */
  stop(): Batch[] {
    const rest = this.parts.reverse();
    const left = this.current ? [this.current, ...rest] : rest;
    this.parts = [];
    this.stopped = true;
    this.hurry();
    return left;
  }

  /** @returns whether the sink may be given other spans now: false when it will never take these */
  private async store(batch: Batch): Promise<boolean> {
    for (let attempt = 0; !this.stopped; attempt++) {
      const error = await this.sink.send(batch).then(() => undefined, toExportError);
      if (this.stopped) break;
      if (!error) {
        // before anybody hears of it, and stops us
        this.current = undefined;
        this.events.stored(batch.size);
        break;
      }
      this.events.failed(error);
      if (!error.retryable) return false;
      await this.pause(Math.min(MAX_RETRY_MS, this.retryMs * 2 ** attempt) * (0.5 + Math.random() / 2));
    }
    return true;
  }

  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(() => this.wake?.(), ms);
      timer.unref();
      this.wake = () => {
        this.wake = undefined;
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
