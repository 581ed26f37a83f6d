import { type SpanSetter, type TraceIds } from '../../src/index.js';
import { isHeaderValue, spanBlock } from './span-blocks.js';
import type { NatsHeaders } from './types.js';

const START = 'NATS/1.0\r\n';
const END = '\r\n';
const EMPTY = Buffer.from(START + END);
const NONE = new Uint8Array(0);
const TRACE_KEY = /^(?:traceparent|tracestate|baggage|xraceparent)$/i;

/**
 * Headers of an outgoing message: what propagators set, and the user's own. NATS clients ask a message's headers for nothing
 * but their bytes, so these are written once, as one block, which costs a tenth of the client's own header object.
 */
export class OutgoingHeaders {
  private span: TraceIds | undefined;
  private traceState = '';
  /** All others that were set. */
  private lines = '';
  private block: Uint8Array | undefined;

  constructor(private readonly own: NatsHeaders | undefined) {}

  /** True when no propagator has set anything. */
  get isEmpty(): boolean {
    return this.lines === '' && this.span === undefined;
  }

  /** Also called by the client itself, for its own header of a message that the server is to trace. */
  set(key: string, value: string): void {
    if (!isHeaderValue(value)) return;
    this.lines += key + ': ' + value + END;
    this.block = undefined;
  }

  setSpan(span: TraceIds, traceState: string): void {
    this.span = span;
    this.traceState = traceState;
    this.block = undefined;
  }

  encode(): Uint8Array {
    return (this.block ??= this.write());
  }

  private write(): Uint8Array {
    const { own, span, lines } = this;
    const block = span ? spanBlock(span, this.traceState) : EMPTY;
    const theirs = own ? own.encode() : NONE;
    const hasTheirs = theirs.length > 0;
    if (lines === '' && !hasTheirs) return block;
    // a message that is passed on carries the trace it came with: two would be none
    const isPassedOn = own?.keys?.().some((key) => TRACE_KEY.test(key)) ?? false;
    const head = !hasTheirs
      ? START
      : isPassedOn
        ? withoutTrace(theirs)
        : theirs.subarray(0, theirs.length - END.length);
    return Buffer.concat([bytes(head), block.subarray(START.length, block.length - END.length), bytes(lines + END)]);
  }
}

const bytes = (text: string | Uint8Array): Uint8Array =>
  typeof text === 'string' ? Buffer.from(text, 'latin1') : text;

/** A header block less its trace headers and its last line break. */
function withoutTrace(block: Uint8Array): Uint8Array {
  const lines = Buffer.from(block).toString().split(END);
  const kept = lines.filter((line, i) => i === 0 || (line !== '' && !TRACE_KEY.test(line.slice(0, line.indexOf(':')))));
  return Buffer.from(kept.join(END) + END);
}

/** Writes into {@link OutgoingHeaders}. */
export const headerSetter: SpanSetter<OutgoingHeaders> = {
  setSpan: (carrier, span, traceState) => carrier.setSpan(span, traceState),
  set: (carrier, key, value) => carrier.set(key, value),
};
