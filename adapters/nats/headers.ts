import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import type { NatsHeaders, NatsMessage } from './types.js';

const START = 'NATS/1.0\r\n';
const END = '\r\n';
const TRACE_KEY = /^(?:traceparent|tracestate|baggage|xraceparent)$/i;

/**
 * Headers of an outgoing message: what propagators set, and the user's own. NATS clients ask a message's headers for nothing
 * but their bytes, so these are written once, as one block, which costs a tenth of the client's own header object.
 */
export class OutgoingHeaders {
  private lines = '';

  constructor(private readonly own: NatsHeaders | undefined) {}

  /** Also called by the client itself, for its own header of a traced publish. */
  set(key: string, value: string): void {
    if (!/[\r\n]/.test(value)) this.lines += `${key}: ${value}${END}`;
  }

  encode(): Uint8Array {
    return Buffer.from(START + this.lines + this.ownLines() + END);
  }

  /** The user's headers as they are, less those of a trace that the message came from when it is passed on. */
  private ownLines(): string {
    let lines = '';
    if (this.own) {
      for (const [key, values] of this.own) {
        if (TRACE_KEY.test(key)) continue;
        for (const value of values) lines += `${key}: ${value}${END}`;
      }
    }
    return lines;
  }
}

/** Writes into {@link OutgoingHeaders}. */
export const headerSetter: TextMapSetter<OutgoingHeaders> = {
  set: (carrier, key, value) => carrier.set(key, value),
};

/** Fields of the client's message class that hold the bytes as they came; reading them spares decoding all headers. */
interface RawMessage {
  _rdata?: Uint8Array;
  _msg?: { hdr?: number };
}

/** The header block of a message as text; undefined when the client hides it, empty when there is none. */
function rawHeaders(message: NatsMessage): string | undefined {
  const { _rdata: bytes, _msg: info } = message as unknown as RawMessage;
  if (!bytes || typeof info?.hdr !== 'number') return undefined;
  if (info.hdr <= 0) return '';
  return Buffer.from(bytes.buffer, bytes.byteOffset, info.hdr).toString('latin1');
}

/** All values of a header, its name in any case. */
function valuesIn(text: string, key: string): string[] {
  const values: string[] = [];
  let at = text.indexOf(END) + 2;
  while (at > 1 && at < text.length) {
    let end = text.indexOf(END, at);
    if (end < 0) end = text.length;
    const colon = at + key.length;
    if (text.charCodeAt(colon) === 58 && colon < end && text.slice(at, colon).toLowerCase() === key) {
      values.push(text.slice(colon + 1, end).trim());
    }
    at = end + 2;
  }
  return values;
}

/** Headers of an incoming message, for propagators. */
export class IncomingHeaders {
  private readonly text: string | undefined;

  constructor(private readonly message: NatsMessage) {
    this.text = rawHeaders(message);
  }

  get(key: string): string[] {
    if (this.text !== undefined) return this.text === '' ? [] : valuesIn(this.text, key.toLowerCase());
    const { headers } = this.message;
    if (!headers) return [];
    return headers
      .keys()
      .filter((k) => k.toLowerCase() === key.toLowerCase())
      .flatMap((k) => headers.values(k));
  }

  keys(): string[] {
    return this.message.headers?.keys() ?? [];
  }
}

/** Reads from {@link IncomingHeaders}. */
export const headerGetter: TextMapGetter<IncomingHeaders> = {
  get(carrier, key) {
    const values = carrier.get(key);
    return values.length === 0 ? undefined : values.length === 1 ? values[0] : values;
  },
  keys: (carrier) => carrier.keys(),
};
