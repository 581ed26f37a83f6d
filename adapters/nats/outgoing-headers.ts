import type { TextMapSetter } from '@opentelemetry/api';
import type { NatsHeaders } from './types.js';

const START = 'NATS/1.0\r\n';
const END = '\r\n';
const TRACE_KEY = /^(?:traceparent|tracestate|baggage|xraceparent)$/i;

/** What a header's value may hold; a value of a user's baggage must not end our header and begin another. */
const VALUE = /^[\t\x20-\x7e]*$/;

const SLAB_BYTES = 1 << 16;
const MAX_SHARED_BYTES = 1 << 12;
let slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
let used = 0;

/** The text's bytes, for good: a part of a slab that is never written again. */
function latin1(text: string): Uint8Array {
  if (text.length > MAX_SHARED_BYTES) return Buffer.from(text, 'latin1');
  if (used + text.length > SLAB_BYTES) {
    slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
    used = 0;
  }
  const bytes = new Uint8Array(slab.buffer, used, slab.write(text, used, 'latin1'));
  used += bytes.length;
  return bytes;
}

/**
 * Headers of an outgoing message: what propagators set, and the user's own. NATS clients ask a message's headers for nothing
 * but their bytes, so these are written once, as one block, which costs a tenth of the client's own header object.
 */
export class OutgoingHeaders {
  private lines = '';
  private block: Uint8Array | undefined;

  constructor(private readonly own: NatsHeaders | undefined) {}

  /** True when no propagator has set anything. */
  get isEmpty(): boolean {
    return this.lines === '';
  }

  /** Also called by the client itself, for its own header of a message that the server is to trace. */
  set(key: string, value: string): void {
    // a traceparent is made of hex digits, and the test would cost more than all else here
    if (key !== 'traceparent' && !VALUE.test(value)) return;
    this.lines += key + ': ' + value + END;
    this.block = undefined;
  }

  encode(): Uint8Array {
    return (this.block ??= this.own ? this.merge(this.own) : latin1(START + this.lines + END));
  }

  /** The user's block as the client writes it, and our lines at its end. */
  private merge(own: NatsHeaders): Uint8Array {
    const theirs = own.encode?.();
    if (!theirs || theirs.length === 0) return latin1(START + this.lines + END);
    // a message that is passed on carries the trace it came with: two would be none
    const isPassedOn = own.keys?.().some((key) => TRACE_KEY.test(key)) ?? false;
    const head = isPassedOn ? withoutTrace(theirs) : theirs.subarray(0, theirs.length - END.length);
    return Buffer.concat([head, latin1(this.lines + END)]);
  }
}

/** A header block less its trace headers and its last line break. */
function withoutTrace(block: Uint8Array): Uint8Array {
  const lines = Buffer.from(block).toString().split(END);
  const kept = lines.filter((line, i) => i === 0 || (line !== '' && !TRACE_KEY.test(line.slice(0, line.indexOf(':')))));
  return Buffer.from(kept.join(END) + END);
}

/** Writes into {@link OutgoingHeaders}. */
export const headerSetter: TextMapSetter<OutgoingHeaders> = {
  set: (carrier, key, value) => carrier.set(key, value),
};
