import type { TraceKey } from '../trace/span-log.js';

/** 16 bits a span and 6 probes: one trace in a thousand is looked for in vain. */
const BITS_PER_SPAN = 16;
const PROBES = 6;

/** Which traces some spans may belong to: a Bloom filter. The last 56 bits of an id are random, so they are the hash. */
export class TraceFilter {
  private readonly words: Uint32Array;
  private readonly mask: number;

  /** @param spans at most so many will be added */
  constructor(spans: number) {
    const bits = Math.max(32, 2 ** Math.ceil(Math.log2(spans * BITS_PER_SPAN)));
    this.words = new Uint32Array(bits / 32);
    this.mask = bits - 1;
  }

  get bytes(): number {
    return this.words.byteLength;
  }

  add(trace: TraceKey): void {
    const step = stepOf(trace);
    for (let i = 0, bit = trace[3]!; i < PROBES; i++, bit = (bit + step) | 0) {
      const at = bit & this.mask;
      this.words[at >>> 5]! |= 1 << (at & 31);
    }
  }

  /** False when none of the spans belongs to that trace. */
  mayHave(trace: TraceKey): boolean {
    const step = stepOf(trace);
    for (let i = 0, bit = trace[3]!; i < PROBES; i++, bit = (bit + step) | 0) {
      const at = bit & this.mask;
      if ((this.words[at >>> 5]! & (1 << (at & 31))) === 0) return false;
    }
    return true;
  }
}

/** Without the byte that need not be random. */
function stepOf(trace: TraceKey): number {
  return (trace[2]! >>> 8) | 1;
}
