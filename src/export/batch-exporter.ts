import { ExportError } from '../errors.js';
import { syncClock } from '../trace/clock.js';
import type { EndedSpan } from '../trace/ended-span.js';
import { queuedBatch } from './batch.js';
import { Delivery } from './delivery.js';
import type { ExportedSpan } from './span-columns.js';
import { QUEUED_SPAN_BYTES, SpanQueue } from './span-queue.js';

/** One batch on its way: the same `token` on every attempt, so that the store can tell a retry from new spans. */
export interface Batch {
  readonly spans: readonly ExportedSpan[];
  readonly size: number;
  readonly token: string;
}

/** Stores batches. `send` may be called again with the same batch after it failed; it owns nothing of it afterwards. */
export interface SpanSink {
  /** @throws ExportError when nothing of the batch was stored; `retryable` says whether it may be sent again as it is */
  send(batch: Batch): Promise<void>;
  close(): Promise<void>;
  /** Takes a batch for a later process, when this one ends. @returns whether it did */
  park?(batch: Batch): Promise<boolean>;
  /** What waits in it, where sent does not mean stored. */
  stats?(): SpoolStats;
}

/** Counts of spans. */
export interface SpoolStats {
  /** On disk now, also of other processes that share the directory. */
  waiting: number;
  /** Put there by this process. */
  taken: number;
  /** Stored from there by this process, also what others had put there. */
  replayed: number;
  rejected: number;
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
  /** Spans that wait on disk, in `queue.spoolDir`. */
  spooled: number;
  exported: number;
  batches: number;
  retries: number;
  dropped: Record<DropReason, number>;
  lastError: string | undefined;
}

const WARN_EVERY_MS = 60_000;
const FLUSH_SHARE = 0.8;
const NO_SPOOL: SpoolStats = { waiting: 0, taken: 0, replayed: 0, rejected: 0 };

/** A flush that waits until so many spans are settled: stored or dropped. */
interface Waiter {
  settled: number;
  done: () => void;
}

/** Queues ended spans and sends them in order, one batch at a time. Adding a span costs writing 64 bytes. */
export class BatchExporter {
  private queue: SpanQueue;
  private sending = { spans: 0, bytes: 0 };
  private pump: Promise<void> | undefined;
  private timer: NodeJS.Timeout | undefined;
  /** Spans taken since the start, and how many of them were stored or dropped since. */
  private taken = 0;
  private settled = 0;
  private waiters: Waiter[] = [];
  private closed = false;
  private warnedAt = -Infinity;
  private readonly counters = { exported: 0, batches: 0, retries: 0 };
  private readonly dropped: Record<DropReason, number> = { queue_full: 0, rejected: 0, shutdown: 0 };
  private lastError: ExportError | undefined;
  private readonly delivery: Delivery;

  constructor(
    private readonly sink: SpanSink,
    private readonly options: BatchOptions,
  ) {
    this.queue = new SpanQueue(options);
    this.delivery = new Delivery(sink, options.retryMs, {
      stored: (spans) => {
        this.counters.exported += spans;
        this.counters.batches++;
        this.lastError = undefined;
        this.settle(spans);
      },
      rejected: (spans) => {
        this.dropped.rejected += spans;
        this.settle(spans);
      },
      failed: (error) => {
        this.lastError = error;
        if (error.retryable) this.counters.retries++;
        this.warn(error);
      },
    });
  }

  /** @param weight how many spans of its kind this one stands for */
  add(span: EndedSpan, weight: number): void {
    if (this.closed) {
      this.dropped.shutdown++;
      return;
    }
    if (this.queue.bytes + this.sending.bytes + QUEUED_SPAN_BYTES > this.options.maxBytes) {
      this.dropped.queue_full++;
      return;
    }
    this.queue.add(span, weight);
    this.taken++;
    if (this.pump) return;
    if (this.queue.hasFullBatch) {
      this.start();
    } else {
      this.timer ??= setTimeout(() => this.start(), this.options.maxAgeMs).unref();
    }
  }

  /**
   * Resolves when everything queued so far is stored or was dropped; what comes meanwhile is not waited for.
   * @throws ExportError FLUSH_TIMEOUT, caused by the last failure, when that takes over `timeoutMs`
   */
  async flush(timeoutMs: number): Promise<void> {
    const waiter: Waiter = { settled: this.taken, done: () => undefined };
    if (this.settled >= waiter.settled) return;
    const timedOut = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(true), timeoutMs);
      waiter.done = () => {
        clearTimeout(timer);
        resolve(false);
      };
      this.waiters.push(waiter);
      this.start();
      this.delivery.hurry();
    });
    if (!timedOut) return;
    this.waiters = this.waiters.filter((other) => other !== waiter);
    const waiting = waiter.settled - this.settled;
    throw new ExportError('FLUSH_TIMEOUT', `${waiting} spans were not stored within ${timeoutMs} ms`, {
      cause: this.lastError,
    });
  }

  /** Flushes for at most `timeoutMs`, counts what is left as dropped, and takes no more. */
  async shutdown(timeoutMs: number): Promise<void> {
    if (this.closed) return;
    try {
      // what is parked on a disk takes some of the time
      await this.flush(this.sink.park ? timeoutMs * FLUSH_SHARE : timeoutMs);
    } catch {
      this.warn(this.lastError);
    }
    this.closed = true;
    clearTimeout(this.timer);
    const left = this.queue.size + this.sending.spans;
    const batches = this.delivery.stop();
    for (let queued = this.queue.take(); queued; queued = this.queue.take()) batches.push(queuedBatch(queued));
    this.sending = { spans: 0, bytes: 0 };
    this.settle(left);
    // whoever asks before a slow disk has answered must find them somewhere
    this.dropped.shutdown += left;
    for (const batch of batches) {
      if (!(await this.park(batch))) continue;
      this.counters.exported += batch.size;
      this.dropped.shutdown -= batch.size;
    }
    await this.sink.close();
  }

  private async park(batch: Batch): Promise<boolean> {
    try {
      return (await this.sink.park?.(batch)) ?? false;
    } catch {
      return false;
    }
  }

  stats(): ExporterStats {
    const { waiting, taken, replayed, rejected } = this.sink.stats?.() ?? NO_SPOOL;
    return {
      queued: this.queue.size + this.sending.spans,
      queuedBytes: this.queue.bytes + this.sending.bytes,
      spooled: waiting,
      ...this.counters,
      exported: this.counters.exported - taken + replayed,
      dropped: { ...this.dropped, rejected: this.dropped.rejected + rejected },
      lastError: this.lastError?.message,
    };
  }

  private start(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    syncClock();
    this.pump ??= this.run().finally(() => {
      this.pump = undefined;
      if (this.closed || this.queue.size === 0) return;
      // a flush that came when the last batch was just away
      if (this.waiters.length > 0) this.start();
      else this.timer ??= setTimeout(() => this.start(), this.options.maxAgeMs).unref();
    });
  }

  /** Sends until less than a batch is left over, or nothing that a flush waits for. */
  private async run(): Promise<void> {
    do {
      const batch = this.queue.take();
      if (!batch) return;
      this.sending = { spans: batch.size, bytes: batch.bytes };
      await this.delivery.deliver(batch);
    } while (!this.closed && (this.queue.hasFullBatch || this.waiters.length > 0));
  }

  private settle(spans: number): void {
    this.settled += spans;
    this.sending.spans = Math.max(0, this.sending.spans - spans);
    if (this.sending.spans === 0) this.sending.bytes = 0;
    const ready = this.waiters.filter((waiter) => waiter.settled <= this.settled);
    if (ready.length === 0) return;
    this.waiters = this.waiters.filter((waiter) => waiter.settled > this.settled);
    for (const { done } of ready) done();
  }

  /** One warning a minute: the traced program must know, but not drown. */
  private warn(error: ExportError | undefined): void {
    if (!error || Date.now() - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = Date.now();
    process.emitWarning(error.message, { type: 'SpanbusWarning', code: error.code });
  }
}
