import { now } from '../trace/clock.js';
import type { EndedSpan } from '../trace/ended-span.js';
import { traceKey, type SpanSummary, type TraceKey } from '../trace/span-log.js';
import { BufferSegment, SEGMENT_SPAN_BYTES } from './buffer-segment.js';
import { openSpill, type SpanSpill } from './span-spill.js';

/** Parts that the memory is given up in. */
const PARTS = 64;
const MAX_SEGMENT = 1 << 12;
const MIN_SEGMENT = 1 << 4;

/** What leaves the buffer without having been kept. */
export interface Evictions {
  /** @param trace good for the call only */
  span(span: SpanSummary, durationNs: number, trace: TraceKey): void;
  /** Spans of which nothing is known any more. */
  unread(spans: number): void;
}

/**
 * Spans of traces that are not kept so far, by age, bounded in bytes: when it is full, the oldest of its segments goes.
 *
 * Each segment has an index of its own, small enough for a processor's cache. One index of all would be a wait for memory with
 * every span, which costs more than the span itself; here only taking a trace looks at them all, some microseconds' work, and
 * that is done for few traces.
 *
 * With a spill the oldest segment goes to disk, and from there when that is full too.
 */
export class SpanBuffer {
  /** The oldest first; the last one is being filled. */
  private readonly segments: BufferSegment[] = [];
  /** The one that went last, to be used again. */
  private spare: BufferSegment | undefined;
  private readonly places: number;
  private held = 0;
  /** Of all segments but the last one, and of what is held for those on disk. */
  private sealedBytes = 0;
  private readonly spill: SpanSpill | undefined;

  /**
   * @param maxBytes bound on the memory of all spans
   * @param spill where they go from there; undefined for nowhere
   */
  constructor(
    private readonly maxBytes: number,
    private readonly evictions: Evictions,
    spill?: { directory: string; maxBytes: number },
  ) {
    const wanted = 2 ** Math.floor(Math.log2(maxBytes / PARTS / SEGMENT_SPAN_BYTES));
    this.places = Math.max(MIN_SEGMENT, Math.min(MAX_SEGMENT, wanted));
    // half of the memory at most is for finding what is on disk
    this.spill = spill && openSpill({ ...spill, maxMemory: maxBytes / 2 }, evictions);
  }

  add(span: EndedSpan): void {
    let open = this.segments[this.segments.length - 1];
    if (!open || open.isFull || open.bytes > this.maxBytes / PARTS) open = this.openNext(open);
    open.add(span);
    this.held++;
    while (this.bytes > this.maxBytes) this.giveUpOldest();
  }

  /** Removes and returns a trace's spans, the newest first. */
  take(traceId: string): EndedSpan[] {
    const trace = traceKey(traceId);
    const taken: EndedSpan[] = [];
    for (let i = this.segments.length - 1; i >= 0; i--) this.segments[i]!.take(trace, taken);
    this.held -= taken.length;
    this.spill?.take(trace, taken);
    return taken;
  }

  /** Evicts all; nothing may be added any more. */
  close(): void {
    this.spill?.close();
    while (this.segments.length > 0) this.giveUpOldest();
    this.sealedBytes = 0;
  }

  /** All spans, those on disk too. */
  get size(): number {
    return this.held + this.spilledSpans;
  }

  get spilledSpans(): number {
    return this.spill?.size ?? 0;
  }

  get spilledBytes(): number {
    return this.spill?.bytes ?? 0;
  }

  /** Memory. */
  get bytes(): number {
    return this.sealedBytes + (this.segments[this.segments.length - 1]?.bytes ?? 0);
  }

  /** Age of the oldest span, ms: how late a keep may come and still find everything. */
  get horizonMs(): number {
    const spilled = this.spill?.oldestEnd;
    if (spilled !== undefined) return (now() - spilled) / 1e6;
    for (const segment of this.segments) {
      const end = segment.oldestEnd();
      if (end !== undefined) return (now() - end) / 1e6;
    }
    return 0;
  }

  private openNext(full: BufferSegment | undefined): BufferSegment {
    if (full) this.sealedBytes += full.seal();
    const open = this.spare ?? new BufferSegment(this.places);
    this.spare = undefined;
    this.segments.push(open);
    return open;
  }

  private giveUpOldest(): void {
    const oldest = this.segments.shift()!;
    if (this.segments.length > 0) this.sealedBytes -= oldest.sealed;
    this.held -= oldest.size;
    if (this.spill && this.spillTo(this.spill, oldest)) oldest.reset();
    else oldest.evict(this.evictions);
    this.spare = oldest;
  }

  private spillTo(spill: SpanSpill, segment: BufferSegment): boolean {
    const before = spill.memoryBytes;
    const spilled = spill.add(segment);
    this.sealedBytes += spill.memoryBytes - before;
    return spilled;
  }
}
