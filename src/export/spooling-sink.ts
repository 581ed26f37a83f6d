import { ExportError } from '../errors.js';
import type { Batch, SpanSink, SpoolStats } from './batch-exporter.js';
import type { ClickHouseSink, EncodedBatch } from './clickhouse-sink.js';
import type { Spool } from './spool.js';

const MAX_REPLAY_MS = 30_000;
const WARN_EVERY_MS = 60_000;

/**
 * Puts batches on disk when ClickHouse cannot take them, and sends them from there, in order, when it can again: while something
 * waits, what is new goes behind it. When the disk is full too, batches wait in the exporter's queue as without a spool.
 */
export class SpoolingSink implements SpanSink {
  private timer: NodeJS.Timeout | undefined;
  private replaying = false;
  private waiting = true;
  private closed = false;
  private delayMs: number;
  private warnedAt = -Infinity;
  private readonly counts = { taken: 0, replayed: 0, rejected: 0 };

  /** @param retryMs first wait before what is on disk is tried; doubles up to 30 s */
  constructor(
    private readonly sink: ClickHouseSink,
    private readonly spool: Spool,
    private readonly retryMs: number,
  ) {
    this.delayMs = retryMs;
    // an earlier process may have left something
    this.waiting = spool.list().length > 0;
    if (this.waiting) this.replaySoon();
  }

  async send(batch: Batch): Promise<void> {
    if (this.waiting && (await this.park(batch))) return;
    try {
      await this.sink.send(batch);
    } catch (error) {
      if (this.closed || !(error instanceof ExportError) || !error.retryable) throw error;
      if (!(await this.park(batch))) throw error;
      this.warn(error);
    }
  }

  async park(batch: Batch): Promise<boolean> {
    const encoded = this.sink.encode(batch);
    const written = await this.spool.write(encoded).catch((error: unknown) => {
      this.warn(error);
      return false;
    });
    if (!written) return false;
    this.counts.taken += encoded.spans;
    this.waiting = true;
    this.replaySoon();
    return true;
  }

  stats(): SpoolStats {
    const waiting = this.waiting ? this.spool.list() : [];
    return { ...this.counts, waiting: waiting.reduce((sum, { spans }) => sum + spans, 0) };
  }

  async close(): Promise<void> {
    this.closed = true;
    clearTimeout(this.timer);
    await this.sink.close();
  }

  private replaySoon(): void {
    if (this.closed || this.replaying || this.timer) return;
    this.timer = setTimeout(() => {
      this.timer = undefined;
      void this.replay();
    }, this.delayMs).unref();
  }

  private async replay(): Promise<void> {
    this.replaying = true;
    try {
      for (let next = this.spool.list(); next.length > 0 && !this.closed; next = this.spool.list()) {
        for (const spooled of next) {
          if (this.closed) return;
          const encoded = await this.spool.read(spooled);
          if (encoded === 'torn') this.counts.rejected += spooled.spans;
          else if (encoded !== 'gone') await this.store(encoded);
          await this.spool.remove(spooled);
          this.delayMs = this.retryMs;
        }
      }
      if (!this.closed) this.waiting = false;
    } catch (error) {
      this.delayMs = Math.min(MAX_REPLAY_MS, this.delayMs * 2);
      this.warn(error);
    } finally {
      this.replaying = false;
      if (this.waiting) this.replaySoon();
    }
  }

  /** @throws ExportError when it has to wait on */
  private async store(encoded: EncodedBatch): Promise<void> {
    try {
      await this.sink.insert(encoded);
      this.counts.replayed += encoded.spans;
    } catch (error) {
      if (this.closed || !(error instanceof ExportError) || error.retryable) throw error;
      // what the server will never take must not hold up what is behind it
      this.counts.rejected += encoded.spans;
      this.warn(error);
    }
  }

  private warn(error: unknown): void {
    if (this.closed || Date.now() - this.warnedAt < WARN_EVERY_MS) return;
    this.warnedAt = Date.now();
    const { message, code = 'SPOOL' } = error as { message: string; code?: string };
    process.emitWarning(`${message}; spans wait in ${this.spool.directory}`, { type: 'SpanbusWarning', code });
  }
}
