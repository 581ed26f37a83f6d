import { TRACEPARENT_LENGTH, writeTraceparent, type TraceIds } from '../../src/index.js';

const START = 'NATS/1.0\r\ntraceparent: ';
const PARENT_AT = START.length;
const END = '\r\n';
const MAX_BLOCKS = 512;
const MAX_STATES = 16;

/** What a header's value may hold: what others put into a trace's state or baggage must not end our header and begin another. */
const VALUE = /^[\t\x20-\x7e]*$/;

export function isHeaderValue(value: string): boolean {
  return VALUE.test(value);
}

function template(traceState: string): Buffer {
  const state = traceState === '' || !isHeaderValue(traceState) ? '' : `tracestate: ${traceState}${END}`;
  return Buffer.from(`${START}${'0'.repeat(TRACEPARENT_LENGTH)}${END}${state}${END}`, 'latin1');
}

/**
 * Header blocks that differ by their ids only: a slab full of copies, each of which gets its ids when it is taken, and is
 * never written to again. Slabs grow with what is taken of them: a state may be one message's own.
 */
class SpanBlocks {
  private readonly block: Buffer;
  private slab = Buffer.alloc(0);
  private used = 0;
  private count = 1;

  constructor(traceState: string) {
    this.block = template(traceState);
  }

  take(span: TraceIds): Uint8Array {
    const { length } = this.block;
    if (this.used === this.slab.length) this.refill();
    writeTraceparent(span, this.slab, this.used + PARENT_AT);
    const taken = new Uint8Array(this.slab.buffer, this.used, length);
    this.used += length;
    return taken;
  }

  private refill(): void {
    this.slab = Buffer.allocUnsafeSlow(this.block.length * this.count).fill(this.block);
    this.used = 0;
    this.count = Math.min(MAX_BLOCKS, this.count * 2);
  }
}

const known = new Map<string, SpanBlocks>();

/** The header block of a message that has a span's context, and no other headers. */
export function spanBlock(span: TraceIds, traceState: string): Uint8Array {
  let blocks = known.get(traceState);
  if (!blocks) {
    if (known.size >= MAX_STATES) known.clear();
    known.set(traceState, (blocks = new SpanBlocks(traceState)));
  }
  return blocks.take(span);
}
