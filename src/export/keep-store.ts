import { randomUUID } from 'node:crypto';
import { SpanKind } from '@opentelemetry/api';
import { ExportError } from '../errors.js';
import type { Keep } from '../sampling/kept-traces.js';
import type { UnstoredTotal } from '../sampling/unstored-totals.js';
import { readSql } from '../sql/read.js';
import type { ClickHouseConnection } from './clickhouse-connection.js';
import { KIND_NAMES } from './span-columns.js';

const WRITE_EVERY_MS = 500;
const READ_EVERY_MS = 3_000;
const TOTALS_EVERY_MS = 5_000;
/** Keeps are written late: what was read may have had earlier ones still on their way. */
const OVERLAP_MS = 15_000;
const MAX_WAITING = 100_000;

/** What the store needs of the process's sampling. */
export interface KeepStoreHooks {
  /** A keep that was found in ClickHouse. */
  hear(keep: Keep): void;
  /** Whether there is anything that a keep could still save. */
  needsKeeps(): boolean;
  takeTotals(): UnstoredTotal[];
}

type Row = Record<string, string | number>;

/** Rows of one table on their way, kept until the server has them. */
class RowQueue {
  private rows: Row[] = [];
  private sending: { body: string; token: string; count: number } | undefined;
  lost = 0;

  constructor(
    private readonly connection: ClickHouseConnection,
    private readonly query: string,
  ) {}

  add(row: Row): void {
    if (this.rows.length < MAX_WAITING) this.rows.push(row);
    else this.lost++;
  }

  async flush(): Promise<void> {
    if (!this.sending && this.rows.length > 0) {
      const rows = this.rows.splice(0);
      this.sending = { body: rows.map((r) => JSON.stringify(r)).join('\n'), token: randomUUID(), count: rows.length };
    }
    if (!this.sending) return;
    try {
      await this.connection.insert(this.query, this.sending.body, this.sending.token);
    } catch (error) {
      if (!(error instanceof ExportError) || error.retryable) throw error;
      // rows that the server will never take must not hold up those behind them
      this.lost += this.sending.count;
    }
    this.sending = undefined;
  }
}

/**
 * The backstop in ClickHouse for what the bus loses: writes this process's keeps and reads those of others, every few seconds
 * and after a reconnect. Also brings the exact counts of what was never stored. Failures wait for the next turn.
 */
export class KeepStore {
  private readonly keeps: RowQueue;
  private readonly misses: RowQueue;
  private readonly totals: RowQueue;
  private readonly query = readSql('capture/read_keeps');
  private readonly timers: NodeJS.Timeout[];
  private readAt = Date.now();
  private turn: Promise<void> = Promise.resolve();

  constructor(
    private readonly connection: ClickHouseConnection,
    private readonly service: string,
    private readonly hooks: KeepStoreHooks,
  ) {
    this.keeps = new RowQueue(connection, readSql('capture/insert_keeps'));
    this.misses = new RowQueue(connection, readSql('capture/insert_misses'));
    this.totals = new RowQueue(connection, readSql('capture/insert_unstored_spans'));
    this.timers = [
      setInterval(() => void this.write(), WRITE_EVERY_MS).unref(),
      setInterval(() => hooks.needsKeeps() && void this.read(), READ_EVERY_MS).unref(),
      setInterval(() => this.collectTotals(), TOTALS_EVERY_MS).unref(),
    ];
  }

  kept(keep: Keep): void {
    const { traceId: TraceId, reason: Reason, weight: Weight } = keep;
    this.keeps.add({ TraceId, Reason, ServiceName: this.service, Weight });
  }

  missed(traceId: string): void {
    this.misses.add({ TraceId: traceId, ServiceName: this.service, Why: 'evicted' });
  }

  /** Learns what was kept since the last time. */
  read(): Promise<void> {
    return this.inTurn(async () => {
      const started = Date.now();
      const rows = await this.connection.select<{ TraceId: string; Reason: string; Weight: number }>(this.query, {
        millis: started - this.readAt + OVERLAP_MS,
      });
      this.readAt = started;
      for (const row of rows) this.hooks.hear({ traceId: row.TraceId, reason: row.Reason, weight: row.Weight });
    });
  }

  /** Writes what waits. */
  write(): Promise<void> {
    return this.inTurn(async () => {
      await this.keeps.flush();
      await this.misses.flush();
      await this.totals.flush();
    });
  }

  /** Stops; a last read first, so that a keep which was on its way still saves what is buffered. */
  async close(last: () => void): Promise<void> {
    this.timers.forEach(clearInterval);
    await this.write();
    if (this.hooks.needsKeeps()) await this.read();
    last();
    this.collectTotals();
    await this.write();
  }

  private collectTotals(): void {
    for (const total of this.hooks.takeTotals()) {
      this.totals.add({
        ServiceName: this.service,
        SpanName: total.spanName,
        SpanKind: KIND_NAMES[total.spanKind] ?? KIND_NAMES[SpanKind.INTERNAL],
        Destination: total.destination,
        Calls: total.calls,
        Errors: total.errors,
        DurationNs: Math.round(total.durationNs),
        InputTokens: total.inputTokens,
        OutputTokens: total.outputTokens,
      });
    }
  }

  /** One request at a time, and none fails loudly: the exporter already says when ClickHouse is away. */
  private inTurn(work: () => Promise<void>): Promise<void> {
    this.turn = this.turn.then(work).catch(() => undefined);
    return this.turn;
  }
}
