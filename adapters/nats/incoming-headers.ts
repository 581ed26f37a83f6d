import type { TextMapGetter } from '@opentelemetry/api';
import { headerText, ownTraceparent, ownTracestate } from './raw-message.js';
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
  private readonly traceparent: string | undefined;
  private readonly text: string | undefined;

  constructor(private readonly message: NatsMessage) {
    this.traceparent = ownTraceparent(message);
    this.text = this.traceparent === undefined ? headerText(message) : undefined;
  }

  /** True when the message has no headers. */
  get isEmpty(): boolean {
    return this.traceparent === undefined && (this.text === undefined ? !this.message.headers : this.text === '');
  }

  get(name: string): string | string[] | undefined {
    if (this.traceparent !== undefined) return this.own(name, this.traceparent);
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

  private own(name: string, traceparent: string): string | undefined {
    const key = name.toLowerCase();
    if (key === TRACEPARENT) return traceparent;
    return key === TRACESTATE ? ownTracestate(this.message) : undefined;
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
export const headerGetter: TextMapGetter<IncomingHeaders> = {
  get: (carrier, key) => carrier.get(key),
  keys: (carrier) => carrier.keys(),
};
