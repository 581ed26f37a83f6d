import { traceKey, type TraceKey } from '../trace/span-log.js';

const SLOTS = 1 << 16;

/** Fingerprints of the traces that were evicted last: enough to say, of a keep that comes too late, that something is gone. */
export class EvictedTraces {
  private readonly fingerprints = new Int32Array(SLOTS);

  /** @returns false when it is known already */
  add(trace: TraceKey): boolean {
    const slot = slotOf(trace);
    const fingerprint = fingerprintOf(trace);
    const isNew = this.fingerprints[slot] !== fingerprint;
    this.fingerprints[slot] = fingerprint;
    return isNew;
  }

  has(traceId: string): boolean {
    const trace = traceKey(traceId);
    return this.fingerprints[slotOf(trace)] === fingerprintOf(trace);
  }
}

/** A place and a check, out of the end of the id: the rest need not be random. */
function slotOf(trace: TraceKey): number {
  return trace[3]! & (SLOTS - 1);
}

function fingerprintOf(trace: TraceKey): number {
  return trace[2]! ^ (trace[3]! >>> 16) || 1;
}
