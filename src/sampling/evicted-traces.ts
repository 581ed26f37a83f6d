const SLOTS = 1 << 16;

/** Fingerprints of the traces that were evicted last: enough to say, of a keep that comes too late, that something is gone. */
export class EvictedTraces {
  private readonly fingerprints = new Int32Array(SLOTS);

  private static fingerprint(traceId: string): number {
    return Number.parseInt(traceId.slice(8, 16), 16) | 0 || 1;
  }

  private static slot(traceId: string): number {
    return Number.parseInt(traceId.slice(-4), 16) & (SLOTS - 1);
  }

  add(traceId: string): void {
    this.fingerprints[EvictedTraces.slot(traceId)] = EvictedTraces.fingerprint(traceId);
  }

  has(traceId: string): boolean {
    return this.fingerprints[EvictedTraces.slot(traceId)] === EvictedTraces.fingerprint(traceId);
  }
}
