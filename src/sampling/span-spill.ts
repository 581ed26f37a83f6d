import { resolve } from 'node:path';
import type { EndedSpan } from '../trace/ended-span.js';
import { saveLog } from '../trace/saved-log.js';
import type { SpanLog, TraceKey } from '../trace/span-log.js';
import type { BufferSegment } from './buffer-segment.js';
import type { Evictions } from './span-buffer.js';
import { SpillFile } from './spill-file.js';
import { SpilledSegment } from './spilled-segment.js';

export interface SpillOptions {
  directory: string;
  /** Bound on the file. */
  maxBytes: number;
  /** Bound on what the segments on disk take in memory. */
  maxMemory: number;
}

/** A disk that failed is left alone for so long. */
const PAUSE_MS = 10_000;
/** Counting what is left may not hold up a process that ends. */
const MAX_CLOSE_MS = 1_000;

/** Opens the spill; without one when the directory cannot be written to, for tracing never breaks a program. */
export function openSpill(options: SpillOptions, evictions: Evictions): SpanSpill | undefined {
  try {
    const file = new SpillFile(resolve(options.directory), options.maxBytes);
    return new SpanSpill(file, options.maxMemory, evictions);
  } catch (error) {
    warn(error);
    return undefined;
  }
}

function warn(error: unknown): void {
  const { message, code = 'SPILL' } = error as { message: string; code?: string };
  process.emitWarning(`sampling.spillDir: ${message}; spans that do not fit into memory are dropped`, {
    type: 'SpanbusWarning',
    code,
  });
}

/**
 * Segments of the buffer on disk, bounded in bytes: when there is no room for another one, the oldest goes. A trace is looked for
 * in memory first, by a filter of each segment; only where it may be is the segment read. Never throws.
 */
export class SpanSpill {
  /** The oldest first. */
  private readonly segments: SpilledSegment[] = [];
  private memory = 0;
  /** The segment that was read last. */
  private loaded: { segment: SpilledSegment; log: SpanLog } | undefined;
  /** Of the oldest segments: those with a gap behind them, of spans that the disk did not take. */
  private beforeGap = 0;
  private pausedUntil = -Infinity;
  private warned = false;
  private closed = false;

  constructor(
    private readonly file: SpillFile,
    private readonly maxMemory: number,
    private readonly evictions: Evictions,
  ) {}

  /** Spans on disk. */
  get size(): number {
    return this.segments.reduce((sum, { size }) => sum + size, 0);
  }

  get bytes(): number {
    return this.file.bytes;
  }

  /** What is held in memory for what is on disk. */
  get memoryBytes(): number {
    return this.memory;
  }

  /** When the oldest span ended that has no gap behind it, a clock value; undefined when there is none. */
  get oldestEnd(): number | undefined {
    for (let i = this.beforeGap; i < this.segments.length; i++) {
      if (this.segments[i]!.size > 0) return this.segments[i]!.oldestEnd;
    }
    return undefined;
  }

  /** @returns false when the segment could not be written: its spans are still in it, but for those that nothing can write */
  add(segment: BufferSegment): boolean {
    const added = !this.closed && performance.now() >= this.pausedUntil && this.write(segment);
    if (!added) this.beforeGap = this.segments.length;
    return added;
  }

  /** Removes a trace's spans and adds them to `taken`, the newest first. */
  take(trace: TraceKey, taken: EndedSpan[]): void {
    for (let i = this.segments.length - 1; i >= 0; i--) {
      const segment = this.segments[i]!;
      if (segment.mayHave(trace)) this.read(segment, (log) => this.takeFrom(segment, log, trace, taken));
    }
  }

  /** Evicts all, and takes no more. */
  close(): void {
    if (this.closed) return;
    this.closed = true;
    const deadline = performance.now() + MAX_CLOSE_MS;
    while (this.segments.length > 0) this.evictOldest(performance.now() < deadline);
    this.loaded = undefined;
    this.file.close();
  }

  private write(segment: BufferSegment): boolean {
    try {
      const { data, saved } = saveLog(segment.log, segment.used, (place) => segment.evictOne(place, this.evictions));
      if (segment.size === 0) return true;
      if (!this.file.canHold(data.length)) {
        this.fail(new Error(`sampling.spillBytes are less than the ${data.length} to be written at once`));
        return false;
      }
      let region = this.file.add(data);
      for (; !region; region = this.file.add(data)) this.evictOldest();
      const spilled = new SpilledSegment(region, saved, segment.log);
      this.segments.push(spilled);
      this.memory += spilled.bytes;
      while (this.memory > this.maxMemory) this.evictOldest();
      return true;
    } catch (error) {
      this.fail(error);
      this.pausedUntil = performance.now() + PAUSE_MS;
      return false;
    }
  }

  private takeFrom(segment: SpilledSegment, log: SpanLog, trace: TraceKey, taken: EndedSpan[]): void {
    for (const place of segment.placesOf(trace, log)) {
      taken.push(log.read(place));
      segment.take(place, log);
    }
  }

  private evictOldest(counted = true): void {
    const oldest = this.segments.shift()!;
    this.beforeGap = Math.max(0, this.beforeGap - 1);
    this.memory -= oldest.bytes;
    if (!counted) this.lose(oldest);
    else if (oldest.size > 0) this.read(oldest, (log) => oldest.evict(log, this.evictions));
    if (this.loaded?.segment === oldest) this.loaded = undefined;
    this.file.dropOldest();
  }

  /** Has a segment's log read. What the disk does not give back is lost. */
  private read(segment: SpilledSegment, reader: (log: SpanLog) => void): void {
    try {
      if (this.loaded?.segment !== segment) {
        this.loaded = { segment, log: segment.load(this.file.read(segment.region)) };
      }
      reader(this.loaded.log);
    } catch (error) {
      this.fail(error);
      this.lose(segment);
    }
  }

  private lose(segment: SpilledSegment): void {
    this.evictions.unread(segment.size);
    segment.size = 0;
  }

  private fail(error: unknown): void {
    if (this.warned) return;
    this.warned = true;
    warn(error);
  }
}
