import { randomUUID } from 'node:crypto';
import { ExportError } from '../errors.js';
import { syncClock } from '../trace/clock.js';
import type { ExportedSpan } from './span-columns.js';
import { spanBytes } from '../trace/span-size.js';

/** One batch on its way: the same `token` on every attempt, so that the store can tell a retry from new spans. */
export interface Batch {
  readonly spans: readonly ExportedSpan[];
  readonly token: string;
}

/** Stores batches. `send` may be called again with the same batch after it rejected; it owns nothing of it afterwards. */
export interface SpanSink {
  /** @throws ExportError when the batch was not stored; `retryable` says whether it may be sent again */
  send(batch: Batch): Promise<void>;
  close(): Promise<void>;
}

export interface BatchOptions {
  /** Spans in one insert. @default 10000 */
  maxBatchSpans: number;
  /** Estimated bytes in one insert. @default 8 MiB */
  maxBatchBytes: number;
  /** How long a span waits for company, ms. @default 1000 */
  maxAgeMs: number;
  /** Estimated bytes that may wait in memory; beyond it new spans are dropped and counted. @default 64 MiB */
  maxBytes: number;
  /** First wait after a failed attempt, ms; doubles up to 30 s, with jitter. @default 200 */
  retryMs: number;
}

export type DropReason = 'queue_full' | 'rejected' | 'shutdown';

export interface ExporterStats {
  /** Spans that wait in memory, with those of the batch being sent. */
  queued: number;
  queuedBytes: number;
  exported: number;
  batches: number;
  retries: number;
  dropped: Record<DropReason, number>;
  lastError: string | undefined;
}

const MAX_RETRY_MS = 30_000;
const WARN_EVERY_MS = 60_000;

/** Queues ended spans and sends them in order, one batch at a time. Adding a span costs a push and an addition. */
export class BatchExporter {
  private queue: ExportedSpan[] = [];
  private queueBytes = 0;
  private sending: { spans: number; bytes: number } | undefined;
  private pump: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  private wake: (() => void) | undefined;
  private flushing = 0;
  private closed = false;
  private warnedAt = -Infinity;
  private readonly counters = { exported: 0, batches: 0, retries: 0 };
  private readonly dropped: Record<DropReason, number> = { queue_full: 0, rejected: 0, shutdown: 0 };
  private lastError: ExportError | undefined;

  constructor(
    private readonly sink: SpanSink,
    private readonly options: BatchOptions,
  ) {}

  add(row: ExportedSpan): void {
    const bytes = spanBytes(row.span);
    if (this.closed) {
      this.dropped.shutdown++;
      return;
    }
    if (this.queueBytes + (this.sending?.bytes ?? 0) + bytes > this.options.maxBytes) {
      this.dropped.queue_full++;
      return;
    }
    this.queue.push(row);
    this.queueBytes += bytes;
    if (this.pump) return;
    if (this.hasFullBatch()) {
      this.start();
    } else {
      this.timer ??= setTimeout(() => this.start(), this.options.maxAgeMs).unref();
    }
  }

  /**
   * Resolves when everything queued so far is stored or was dropped.
   * @throws ExportError FLUSH_TIMEOUT, caused by the last failure, when that takes over `timeoutMs`
   */
  async flush(timeoutMs: number): Promise<void> {
    this.flushing++;
    try {
      await this.drain(timeoutMs);
    } finally {
      this.flushing--;
    }
  }

  private async drain(timeoutMs: number): Promise<void> {
    const deadline = Date.now() + timeoutMs;
    while (this.queue.length > 0 || this.sending) {
      this.start();
      this.wake?.();
      const left = deadline - Date.now();
      const timer: { stop?: () => void } = {};
      const timeout = new Promise<void>((resolve) => {
        const handle = setTimeout(resolve, Math.max(0, left));
        timer.stop = () => clearTimeout(handle);
      });
      await Promise.race([this.pump, timeout]);
      timer.stop?.();
      if (Date.now() >= deadline && (this.queue.length > 0 || this.sending)) {
        const { queued } = this.stats();
        throw new ExportError('FLUSH_TIMEOUT', `${queued} spans were not stored within ${timeoutMs} ms`, {
          cause: this.lastError,
        });
      }
    }
  }

  /** Flushes for at most `timeoutMs`, counts what is left as dropped, and takes no more. */
  async shutdown(timeoutMs: number): Promise<void> {
    if (this.closed) return;
    try {
      await this.flush(timeoutMs);
    } catch {
      this.warn(this.lastError);
    }
    this.closed = true;
    clearTimeout(this.timer);
    this.dropped.shutdown += this.queue.length + (this.sending?.spans ?? 0);
    this.queue = [];
    this.queueBytes = 0;
    this.wake?.();
    await this.sink.close();
  }

  stats(): ExporterStats {
    return {
      queued: this.queue.length + (this.sending?.spans ?? 0),
      queuedBytes: this.queueBytes + (this.sending?.bytes ?? 0),
      ...this.counters,
      dropped: { ...this.dropped },
      lastError: this.lastError?.message,
    };
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    syncClock();
    this.pump ??= this.run().finally(() => {
      this.pump = undefined;
      if (this.queue.length > 0 && !this.closed)
        this.timer ??= setTimeout(() => this.start(), this.options.maxAgeMs).unref();
    });
  }

  private hasFullBatch(): boolean {
    return this.queue.length >= this.options.maxBatchSpans || this.queueBytes >= this.options.maxBatchBytes;
  }

  /** Sends until less than a batch is left over, or nothing when a flush waits. */
  private async run(): Promise<void> {
    do {
      const batch = this.take();
      if (batch) await this.deliver(batch);
      this.sending = undefined;
    } while (!this.closed && (this.hasFullBatch() || (this.flushing > 0 && this.queue.length > 0)));
  }

  private take(): Batch | undefined {
    let count = 0;
    let bytes = 0;
    while (count < this.queue.length && count < this.options.maxBatchSpans && bytes < this.options.maxBatchBytes) {
      bytes += spanBytes(this.queue[count]!.span);
      count++;
    }
    if (count === 0) return undefined;
    const spans = count === this.queue.length ? this.queue : this.queue.slice(0, count);
    this.queue = count === this.queue.length ? [] : this.queue.slice(count);
    this.queueBytes = this.queue.length === 0 ? 0 : this.queueBytes - bytes;
    this.sending = { spans: count, bytes };
    return { spans, token: randomUUID() };
  }

  private async deliver(batch: Batch): Promise<void> {
    for (let attempt = 0; !this.closed; attempt++) {
      try {
        await this.sink.send(batch);
        this.counters.exported += batch.spans.length;
        this.counters.batches++;
        this.lastError = undefined;
        return;
      } catch (error) {
        const failure =
          error instanceof ExportError ? error : new ExportError('REJECTED', String(error), { cause: error });
        this.lastError = failure;
        this.warn(failure);
        if (!failure.retryable) {
          this.dropped.rejected += batch.spans.length;
          return;
        }
        this.counters.retries++;
        await this.pause(Math.min(MAX_RETRY_MS, this.options.retryMs * 2 ** attempt) * (0.5 + Math.random() / 2));
      }
    }
  }

  /** Waits, unless a flush or shutdown asks for another attempt now. */
  private pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(done, ms);
      timer.unref();
      const wake = done;
      function done(): void {
        clearTimeout(timer);
        resolve();
      }
      this.wake = wake;
    });
  }

  /** One warning a minute: the traced program must know, but not drown. */
  private warn(error: ExportError | undefined): void {
    if (!error || Date.now() - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = Date.now();
    process.emitWarning(error.message, { type: 'SpanbusWarning', code: error.code });
  }
}
