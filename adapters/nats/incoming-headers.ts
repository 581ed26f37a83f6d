import { readTraceparent, TRACEPARENT_LENGTH, type RemoteSpan, type SpanGetter } from '../../src/index.js';
import { bytesOf, headerText, ownTraceparent, ownTracestate } from './raw-message.js';
import type { NatsMessage } from './types.js';

const END = '\r\n';
const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';

/** Every value that a header block gives a header, its name in any case; one value as it is. */
function valueIn(text: string, key: string): string | string[] | undefined {
  let found: string | string[] | undefined;
  let at = text.indexOf(END) + 2;
  while (at > 1 && at < text.length) {
    let end = text.indexOf(END, at);
    if (end < 0) end = text.length;
    const colon = at + key.length;
    if (colon < end && text.charCodeAt(colon) === 58 && hasKey(text, at, key)) {
      const value = text.slice(text.charCodeAt(colon + 1) === 32 ? colon + 2 : colon + 1, end).trim();
      found = found === undefined ? value : typeof found === 'string' ? [found, value] : [...found, value];
    }
    at = end + 2;
  }
  return found;
}

/** Whether `key` (lower case) stands at `at`, in any case. */
function hasKey(text: string, at: number, key: string): boolean {
  return text.startsWith(key, at) || text.slice(at, at + key.length).toLowerCase() === key;
}

/** Headers of an incoming message, for propagators; read out of its bytes where the client lets them be seen. */
export class IncomingHeaders {
  /** Where its `traceparent` is, when it has the headers of our publishers and no others; else -1. */
  private readonly ownAt: number;
  private readonly text: string | undefined;

  constructor(private readonly message: NatsMessage) {
    this.ownAt = ownTraceparent(message);
    this.text = this.ownAt < 0 ? headerText(message) : undefined;
  }

  /** True when the message has no headers. */
  get isEmpty(): boolean {
    return this.ownAt < 0 && (this.text === undefined ? !this.message.headers : this.text === '');
  }

  /** The sender's span, where no text need be made to read it. */
  get span(): RemoteSpan | undefined {
    return this.ownAt < 0 ? undefined : readTraceparent(bytesOf(this.message), this.ownAt);
  }

  get(name: string): string | string[] | undefined {
    if (this.ownAt >= 0) return this.own(name);
    if (this.text === '') return undefined;
    const key = name.toLowerCase();
    return this.text === undefined ? this.decoded(key) : valueIn(this.text, key);
  }

  /** The first value of a header. */
  first(name: string): string | undefined {
    const value = this.get(name);
    return typeof value === 'string' ? value : value?.[0];
  }

  keys(): string[] {
    return this.message.headers?.keys() ?? [];
  }

  private own(name: string): string | undefined {
    if (name.length === TRACESTATE.length && name.toLowerCase() === TRACESTATE) return ownTracestate(this.message);
    if (name.toLowerCase() !== TRACEPARENT) return undefined;
    return bytesOf(this.message).toString('latin1', this.ownAt, this.ownAt + TRACEPARENT_LENGTH);
  }

  private decoded(key: string): string | string[] | undefined {
    const { headers } = this.message;
    const values = headers
      ?.keys()
      .filter((k) => k.toLowerCase() === key)
      .flatMap((k) => headers.values(k));
    return values && values.length > 1 ? values : values?.[0];
  }
}

/** Reads from {@link IncomingHeaders}. */
export const headerGetter: SpanGetter<IncomingHeaders> = {
  getSpan: (carrier) => carrier.span,
  get: (carrier, key) => carrier.get(key),
  keys: (carrier) => carrier.keys(),
};
