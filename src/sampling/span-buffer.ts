import { spanBytes } from '../trace/span-size.js';
import { now } from '../trace/clock.js';
import type { EndedSpan } from '../trace/ended-span.js';

const BUCKETS = 1 << 15;
const FIRST_SLOTS = 1 << 12;
const NONE = -1;

/** 15 bits of a trace id's random end. Ids of strangers may collide on purpose: that costs time when a trace is taken, no more. */
function bucketOf(traceId: string): number {
  let hash = 0;
  for (let i = traceId.length - 4; i < traceId.length; i++) {
    const c = traceId.charCodeAt(i);
    hash = (hash << 4) | ((c & 15) + (c >> 6) * 9);
  }
  return hash & (BUCKETS - 1);
}

/**
 * Spans of traces that are not kept so far, in a ring by age, bounded in bytes. Each slot points back to the one before it
 * in the same bucket of trace ids, so adding a span costs a few array writes and no allocation, and a trace is found by
 * following its bucket's chain. When it is full, the trace with the oldest span goes, whole.
 */
export class SpanBuffer {
  private spans: (EndedSpan | undefined)[] = new Array<undefined>(FIRST_SLOTS);
  /** For each slot: the number of the span before it in its bucket. */
  private previous = new Float64Array(FIRST_SLOTS);
  private sizes = new Int32Array(FIRST_SLOTS);
  /** For each bucket: the number of its newest span. */
  private readonly newest = new Float64Array(BUCKETS).fill(NONE);
  /** Spans are numbered from 0; those in [first, next) may be in the ring. */
  private first = 0;
  private next = 0;
  private used = 0;
  private held = 0;

  /**
   * @param maxBytes bound on the estimated bytes of all spans
   * @param onEvict gets every evicted trace's spans, the newest first
   */
  constructor(
    private readonly maxBytes: number,
    private readonly onEvict: (spans: EndedSpan[]) => void,
  ) {}

  add(span: EndedSpan): void {
    const bytes = spanBytes(span);
    while (this.used + bytes > this.maxBytes && this.held > 0) this.evictOldest();
    if (bytes > this.maxBytes) {
      this.onEvict([span]);
      return;
    }
    if (this.next - this.first === this.spans.length) this.grow();
    const slot = this.next & (this.spans.length - 1);
    const bucket = bucketOf(span.traceId);
    this.spans[slot] = span;
    this.sizes[slot] = bytes;
    this.previous[slot] = this.newest[bucket]!;
    this.newest[bucket] = this.next++;
    this.used += bytes;
    this.held++;
  }

  /** Removes and returns a trace's spans, the newest first. */
  take(traceId: string): EndedSpan[] {
    const taken: EndedSpan[] = [];
    const mask = this.spans.length - 1;
    for (let n = this.newest[bucketOf(traceId)]!; n >= this.first; n = this.previous[n & mask]!) {
      const slot = n & mask;
      const span = this.spans[slot];
      if (span?.traceId !== traceId) continue;
      taken.push(span);
      this.spans[slot] = undefined;
      this.used -= this.sizes[slot]!;
      this.held--;
    }
    return taken;
  }

  /** Empties the buffer, trace by trace, as if all were evicted. */
  clear(): void {
    while (this.held > 0) this.evictOldest();
  }

  get size(): number {
    return this.held;
  }

  get bytes(): number {
    return this.used;
  }

  /** Age of the oldest span, ms: how late a keep may come and still find everything. */
  get horizonMs(): number {
    this.skipEmpty();
    const oldest = this.spans[this.first & (this.spans.length - 1)];
    return oldest ? (now() - oldest.endTime) / 1e6 : 0;
  }

  private skipEmpty(): void {
    const mask = this.spans.length - 1;
    while (this.first < this.next && this.spans[this.first & mask] === undefined) this.first++;
  }

  private evictOldest(): void {
    this.skipEmpty();
    const oldest = this.spans[this.first & (this.spans.length - 1)];
    if (oldest) this.onEvict(this.take(oldest.traceId));
  }

  private grow(): void {
    this.skipEmpty();
    const old = this.spans.length;
    if (this.next - this.first < old) return;
    const spans = new Array<EndedSpan | undefined>(old * 2);
    const previous = new Float64Array(old * 2);
    const sizes = new Int32Array(old * 2);
    for (let n = this.first; n < this.next; n++) {
      const from = n & (old - 1);
      const to = n & (old * 2 - 1);
      spans[to] = this.spans[from];
      previous[to] = this.previous[from]!;
      sizes[to] = this.sizes[from]!;
    }
    this.spans = spans;
    this.previous = previous;
    this.sizes = sizes;
  }
}
