import { loadLog, type SavedLog } from '../trace/saved-log.js';
import type { SpanLog, TraceKey } from '../trace/span-log.js';
import type { Evictions } from './span-buffer.js';
import type { Region } from './spill-file.js';
import { TraceFilter } from './trace-filter.js';

/** What a segment takes in memory beside its filter and its list of taken places, about. */
const OBJECT_BYTES = 800;

/** Consecutive spans on disk, and what it takes in memory to know whether a trace is among them. */
export class SpilledSegment {
  /** Spans that are still there. */
  size = 0;
  /** When the oldest of them ended, a clock value. */
  readonly oldestEnd: number = 0;
  private readonly filter: TraceFilter;
  /** A bit for each place whose span was taken: the file is never written to again. */
  private readonly taken: Uint8Array;

  constructor(
    readonly region: Region,
    private readonly saved: SavedLog,
    log: SpanLog,
  ) {
    this.filter = new TraceFilter(saved.places);
    this.taken = new Uint8Array(Math.ceil(saved.places / 8));
    const trace: TraceKey = new Int32Array(4);
    for (let place = 0; place < saved.places; place++) {
      if (log.isEmpty(place)) continue;
      if (this.size++ === 0) this.oldestEnd = log.endTime(place);
      log.copyTrace(place, trace);
      this.filter.add(trace);
    }
  }

  /** Memory, bytes. */
  get bytes(): number {
    return this.filter.bytes + this.taken.length + OBJECT_BYTES;
  }

  mayHave(trace: TraceKey): boolean {
    return this.size > 0 && this.filter.mayHave(trace);
  }

  /** @throws Error when the bytes are not what was saved */
  load(memory: ArrayBuffer): SpanLog {
    const log = loadLog(memory, this.saved);
    for (let place = 0; place < this.saved.places; place++) {
      if (this.taken[place >> 3]! & (1 << (place & 7))) log.clear(place);
    }
    return log;
  }

  /** The places of a trace's spans in the log that was loaded, the newest first. */
  placesOf(trace: TraceKey, log: SpanLog): number[] {
    const places: number[] = [];
    for (let place = this.saved.places - 1; place >= 0; place--) if (log.isOf(place, trace)) places.push(place);
    return places;
  }

  take(place: number, log: SpanLog): void {
    log.clear(place);
    this.taken[place >> 3]! |= 1 << (place & 7);
    this.size--;
  }

  /** Tells of all spans that are left. */
  evict(log: SpanLog, evictions: Evictions): void {
    const trace: TraceKey = new Int32Array(4);
    for (let place = 0; place < this.saved.places; place++) {
      if (log.isEmpty(place)) continue;
      log.copyTrace(place, trace);
      const summary = log.summary(place);
      const durationNs = log.duration(place);
      this.size--;
      evictions.span(summary, durationNs, trace);
    }
  }
}
