import type { EndedSpan } from '../trace/ended-span.js';
import { PLACE_BYTES, SpanLog, type TraceKey } from '../trace/span-log.js';
import type { Evictions } from './span-buffer.js';

/** Memory of one place, with its share of the index. */
export const SEGMENT_SPAN_BYTES = PLACE_BYTES + 4;

/** Consecutive spans of the buffer, and where in it the spans of a trace are. */
export class BufferSegment {
  /** What it counted for when it was sealed, bytes. */
  sealed = 0;
  /** Places that were filled. */
  used = 0;
  /** Its spans; what is read from it stays in it. */
  readonly log: SpanLog;
  /** For each bucket of trace ids: the place of its newest span, counted from 1. */
  private readonly newest: Uint16Array;
  /** For each place: the place before it in its bucket. */
  private readonly previous: Uint16Array;
  private others = 0;
  private gone = 0;
  private readonly trace: TraceKey = new Int32Array(4);

  /** @param places a power of two, at most 32,768 */
  constructor(private readonly places: number) {
    this.log = new SpanLog(places);
    this.newest = new Uint16Array(places);
    this.previous = new Uint16Array(places + 1);
  }

  /** Spans that are still there. */
  get size(): number {
    return this.used - this.gone;
  }

  get isFull(): boolean {
    return this.used === this.places;
  }

  /** Memory of what was added so far. */
  get bytes(): number {
    return this.used * SEGMENT_SPAN_BYTES + this.others;
  }

  add(span: EndedSpan): void {
    const place = this.used++;
    this.others += this.log.write(place, span);
    const bucket = this.log.traceEnd(place) & (this.places - 1);
    this.previous[place + 1] = this.newest[bucket]!;
    this.newest[bucket] = place + 1;
  }

  /** Moves the spans of a trace to `taken`, the newest first. */
  take(trace: TraceKey, taken: EndedSpan[]): void {
    for (let at = this.newest[trace[3]! & (this.places - 1)]!; at > 0; at = this.previous[at]!) {
      if (!this.log.isOf(at - 1, trace)) continue;
      taken.push(this.log.read(at - 1));
      this.log.clear(at - 1);
      this.gone++;
    }
  }

  /** No span is added any more. @returns the bytes that it counts for until it goes */
  seal(): number {
    return (this.sealed = this.bytes);
  }

  /** Gives up all spans; the segment is as new. */
  evict(evictions: Evictions): void {
    for (let place = 0; place < this.used; place++) {
      if (!this.log.isEmpty(place)) this.tell(place, evictions);
    }
    this.reset();
  }

  /** Gives up one span. */
  evictOne(place: number, evictions: Evictions): void {
    this.tell(place, evictions);
    this.log.clear(place);
    this.gone++;
  }

  /** Forgets all spans. */
  reset(): void {
    this.log.reset();
    this.newest.fill(0);
    this.used = this.others = this.sealed = this.gone = 0;
  }

  /** When the oldest span ended, a clock value; undefined when none is left. */
  oldestEnd(): number | undefined {
    for (let place = 0; place < this.used; place++) if (!this.log.isEmpty(place)) return this.log.endTime(place);
    return undefined;
  }

  private tell(place: number, evictions: Evictions): void {
    this.log.copyTrace(place, this.trace);
    evictions.span(this.log.summary(place), this.log.duration(place), this.trace);
  }
}
