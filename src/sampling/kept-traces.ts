import { traceIdOf, traceWordsOf, type TraceWords } from '../trace/ids.js';

/** A decision to keep a trace. */
export interface Keep {
  readonly traceId: string;
  readonly reason: string;
  /** How many triggered traces this one stands for: 1, or more under a flood. */
  readonly weight: number;
}

const MAX_KEPT = 50_000;

/** Some kept traces. */
class Generation {
  private readonly keeps = new Map<string, Keep>();
  /** The last words of their ids: nearly always they tell that a trace is not kept, without making text of its id. */
  private readonly ends = new Set<number>();

  get size(): number {
    return this.keeps.size;
  }

  get(trace: TraceWords): Keep | undefined {
    return this.ends.has(trace.trace3) ? this.keeps.get(traceIdOf(trace)) : undefined;
  }

  add(keep: Keep): void {
    this.keeps.set(keep.traceId, keep);
    this.ends.add(traceWordsOf(keep.traceId).trace3);
  }
}

/** The traces a process knows to be kept: the newest 50,000. */
export class KeptTraces {
  private recent = new Generation();
  private older = new Generation();

  /** False for a process that knows of no keep: the common case, which costs nothing. */
  any = false;

  get(trace: TraceWords): Keep | undefined {
    return this.recent.get(trace) ?? this.older.get(trace);
  }

  add(keep: Keep): void {
    this.any = true;
    // an id may be a slice of the text it came in: kept for long, it must not keep that text
    const traceId = Buffer.from(keep.traceId, 'latin1').toString('latin1');
    this.recent.add({ ...keep, traceId });
    // two generations forget the oldest half at once, without a list of ages
    if (this.recent.size >= MAX_KEPT / 2) {
      this.older = this.recent;
      this.recent = new Generation();
    }
  }
}
