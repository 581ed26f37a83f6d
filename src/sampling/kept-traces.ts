/** A decision to keep a trace. */
export interface Keep {
  readonly traceId: string;
  readonly reason: string;
  /** How many triggered traces this one stands for: 1, or more under a flood. */
  readonly weight: number;
}

const MAX_KEPT = 50_000;

/** The traces a process knows to be kept: the newest 50,000. */
export class KeptTraces {
  private recent = new Map<string, Keep>();
  private older = new Map<string, Keep>();

  /** False for a process that knows of no keep: the common case, which costs nothing. */
  any = false;

  get(traceId: string): Keep | undefined {
    return this.recent.get(traceId) ?? this.older.get(traceId);
  }

  add(keep: Keep): void {
    this.any = true;
    // an id is a slice of the text it came in: kept for long, it must not keep that text
    const traceId = Buffer.from(keep.traceId, 'latin1').toString('latin1');
    this.recent.set(traceId, { ...keep, traceId });
    // two generations forget the oldest half at once, without a list of ages
    if (this.recent.size >= MAX_KEPT / 2) {
      this.older = this.recent;
      this.recent = new Map();
    }
  }
}
