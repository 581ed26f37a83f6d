import { readTraceparent, RepeatedText, writeTraceparent, type RemoteSpan, type TraceIds } from '../../src/index.js';

/**
 * The envelope: headers and payload as one value, for what Redis carries without headers. The format, version 1, is written
 * down in docs/wire-format.md with test vectors: `C1 73 62 01`, then one msgpack value, `[headers, payload]`.
 *
 * Byte C1 opens it: msgpack never uses it, and it cannot occur in UTF-8, so no msgpack, JSON or text starts like this.
 */
const MAGIC = '\xc1sb\x01';
const MAGIC_BYTES = [0xc1, 0x73, 0x62, 0x01] as const;
const PAIR = '\x92';

/** Longest header value that is read, bytes; W3C's limits for tracestate and baggage fit twice. */
const MAX_VALUE = 16_384;
const MAX_KEYS = 64;

const code = String.fromCharCode;

/** msgpack's head of a string, as latin1 text. */
function strHead(length: number): string {
  if (length < 32) return code(0xa0 | length);
  return length < 256 ? `\xd9${code(length)}` : `\xda${code(length >> 8, length & 255)}`;
}

/** msgpack's head of bytes, as latin1 text. */
function binHead(length: number): string {
  if (length < 256) return `\xc4${code(length)}`;
  if (length < 65_536) return `\xc5${code(length >> 8, length & 255)}`;
  return `\xc6${code(length >>> 24, (length >> 16) & 255, (length >> 8) & 255, length & 255)}`;
}

/** The UTF-8 bytes of a string, as latin1 text. */
function utf8(text: string): string {
  return Buffer.byteLength(text) === text.length ? text : Buffer.from(text).toString('latin1');
}

const packed = (text: string): string => strHead(text.length) + text;

/** The names that every message has, packed once. */
const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
const NAMES = new Map([TRACEPARENT, TRACESTATE, 'baggage'].map((name) => [name, packed(name)]));
const TRACEPARENT_BYTES = 55;
/** The first header where a span is sent: its ids are filled in when the bytes are there. */
const SPAN = packed(TRACEPARENT) + packed('0'.repeat(TRACEPARENT_BYTES));
const SPAN_VALUE_AT = SPAN.length - TRACEPARENT_BYTES;

/** Headers on their way into an envelope. Kept as the text of their bytes, which costs less than bytes until the last moment. */
export class EnvelopeHeaders {
  private span: TraceIds | undefined;
  private count = 0;
  private text = '';

  /** Values over 16,384 bytes are left out, as no reader would take them. */
  set(key: string, value: string): void {
    const bytes = utf8(value);
    const name = NAMES.get(key) ?? packed(utf8(key));
    if (bytes.length > MAX_VALUE || name.length > MAX_VALUE) return;
    this.text += name + packed(bytes);
    this.count++;
  }

  setSpan(span: TraceIds, traceState: string): void {
    this.span = span;
    if (traceState !== '') this.set(TRACESTATE, traceState);
  }

  /** Everything of the envelope that comes before the payload's bytes, as latin1 text; {@link fill} is to follow. */
  head(payloadLength: number): string {
    const span = this.span ? SPAN : '';
    return this.start() + span + this.text + binHead(payloadLength);
  }

  /** Writes the span's ids into an envelope whose head is at `at`. */
  fill(bytes: Buffer, at: number): void {
    if (this.span) writeTraceparent(this.span, bytes, at + this.start().length + SPAN_VALUE_AT);
  }

  private start(): string {
    const count = this.count + (this.span ? 1 : 0);
    return MAGIC + PAIR + (count < 16 ? code(0x80 | count) : `\xde${code(count >> 8, count & 255)}`);
  }
}

/** Text of the bytes before the envelope, the envelope, and as many bytes of space after it. */
export function writeEnvelope(
  before: (envelopeLength: number) => string,
  headers: EnvelopeHeaders,
  payload: string | Uint8Array,
  space: number,
): Buffer {
  const length = typeof payload === 'string' ? Buffer.byteLength(payload) : payload.length;
  const own = headers.head(length);
  const head = before(own.length + length) + own;
  const bytes = Buffer.allocUnsafe(head.length + length + space);
  bytes.write(head, 0, 'latin1');
  headers.fill(bytes, head.length - own.length);
  if (typeof payload === 'string') bytes.write(payload, head.length);
  else bytes.set(payload, head.length);
  return bytes;
}

const NOTHING = (): string => '';

/** An envelope of these headers and this payload; a string becomes its UTF-8 bytes. */
export function encodeEnvelope(
  headers: EnvelopeHeaders | Readonly<Record<string, string>>,
  payload: string | Uint8Array,
): Buffer {
  if (headers instanceof EnvelopeHeaders) return writeEnvelope(NOTHING, headers, payload, 0);
  const block = new EnvelopeHeaders();
  for (const [key, value] of Object.entries(headers)) block.set(key, value);
  return writeEnvelope(NOTHING, block, payload, 0);
}

const states = new RepeatedText();

/** A string within the bytes; `next` is where the following value starts, or -1 when there is no string here. */
const found = { start: 0, next: 0 };

function readString(bytes: Uint8Array, at: number): boolean {
  const head = bytes[at]!;
  let length: number;
  let start = at + 1;
  if (head >= 0xa0 && head <= 0xbf) length = head & 31;
  else if (head === 0xd9) length = bytes[start++]!;
  else if (head === 0xda) length = (bytes[start]! << 8) | bytes[(start += 2) - 1]!;
  else return false;
  found.start = start;
  found.next = start + length;
  // a length beyond the end is NaN or too far
  return found.next <= bytes.length;
}

/** Where the payload starts when its msgpack head is at `at` and it fills the rest; else -1. */
function payloadStart(bytes: Uint8Array, at: number): number {
  const head = bytes[at];
  const start = head === 0xc4 ? at + 2 : head === 0xc5 ? at + 3 : head === 0xc6 ? at + 5 : -1;
  if (start < 0 || start > bytes.length) return -1;
  let length = 0;
  for (let i = at + 1; i < start; i++) length = length * 256 + bytes[i]!;
  return start + length === bytes.length ? start : -1;
}

/** How the headers of an envelope begin that we wrote: no header of it need be looked for then. */
const SPAN_HEAD = Buffer.from(SPAN.slice(0, SPAN_VALUE_AT), 'latin1');
const STATE_HEAD = Buffer.from(packed(TRACESTATE), 'latin1');

function startsWith(bytes: Buffer, at: number, key: Buffer): boolean {
  for (let i = 0; i < key.length; i++) if (bytes[at + i] !== key[i]) return false;
  return true;
}

/** A received envelope: a view on its bytes; header values become strings when they are asked for. */
export class Envelope {
  /** Where the value of its `traceparent` is, when it has this header, perhaps a `tracestate`, and no others; else -1. */
  private readonly ownAt: number;

  constructor(
    /** The whole of it. */
    readonly bytes: Buffer,
    private readonly headersStart: number,
    private readonly count: number,
    private readonly start: number,
  ) {
    const valueAt = headersStart + SPAN_VALUE_AT;
    const isOwn =
      startsWith(bytes, headersStart, SPAN_HEAD) &&
      (count === 1 || (count === 2 && startsWith(bytes, valueAt + TRACEPARENT_BYTES, STATE_HEAD)));
    this.ownAt = isOwn ? valueAt : -1;
  }

  /** The payload's bytes, not copied. */
  get payload(): Buffer {
    return this.bytes.subarray(this.start);
  }

  /** The payload as UTF-8; spares making it a Buffer first. */
  text(): string {
    return this.bytes.toString('utf8', this.start);
  }

  /** The sender's span, where no text need be made to read it. */
  get span(): RemoteSpan | undefined {
    return this.ownAt < 0 ? undefined : readTraceparent(this.bytes, this.ownAt);
  }

  /** A header by its name in any case; several of one name as an array. */
  get(key: string): string | string[] | undefined {
    if (
      this.ownAt >= 0 &&
      key.length !== TRACEPARENT.length &&
      (this.count === 1 || key.length !== TRACESTATE.length)
    ) {
      return undefined;
    }
    let value: string | undefined;
    let at = this.headersStart;
    for (let i = 0; i < this.count; i++) {
      readString(this.bytes, at);
      const { start, next } = found;
      readString(this.bytes, next);
      at = found.next;
      if (next - start !== key.length || at - found.start > MAX_VALUE || !this.isKey(key, start)) continue;
      const text =
        key === TRACESTATE ? states.read(this.bytes, found.start, at) : this.bytes.toString('utf8', found.start, at);
      // two are as bad as many, and many would be a way to make us keep them
      if (value !== undefined) return [value, text];
      value = text;
    }
    return value;
  }

  /** The first 64 names. */
  keys(): string[] {
    const keys: string[] = [];
    let at = this.headersStart;
    for (let i = 0; i < Math.min(this.count, MAX_KEYS); i++) {
      readString(this.bytes, at);
      if (found.next - found.start <= 256) keys.push(this.bytes.toString('utf8', found.start, found.next));
      readString(this.bytes, found.next);
      at = found.next;
    }
    return keys;
  }

  private isKey(key: string, start: number): boolean {
    for (let i = 0; i < key.length; i++) {
      const wanted = key.charCodeAt(i);
      const byte = this.bytes[start + i]!;
      if (byte !== wanted && ((byte ^ wanted) !== 32 || (byte | 32) < 97 || (byte | 32) > 122)) return false;
    }
    return true;
  }
}

/**
 * The envelope that these bytes are; undefined for everything else, however close it comes. Never throws, takes time
 * proportional to the headers, and allocates nothing that depends on what the bytes claim.
 */
export function decodeEnvelope(bytes: Uint8Array): Envelope | undefined {
  // the first byte sends nearly everything that is not ours away
  if (bytes[0] !== MAGIC_BYTES[0] || bytes[1] !== MAGIC_BYTES[1] || bytes[2] !== MAGIC_BYTES[2]) return undefined;
  if (bytes[3] !== MAGIC_BYTES[3] || bytes[4] !== 0x92) return undefined;
  const map = bytes[5]!;
  let count: number;
  let at = 6;
  if (map >= 0x80 && map <= 0x8f) count = map & 15;
  else if (map === 0xde) {
    count = (bytes[6]! << 8) | bytes[7]!;
    at = 8;
  } else return undefined;
  const headersStart = at;
  for (let i = 0; i < 2 * count; i++) {
    if (!readString(bytes, at)) return undefined;
    at = found.next;
  }
  const start = payloadStart(bytes, at);
  if (start < 0) return undefined;
  const buffer = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return new Envelope(buffer, headersStart, count, start);
}
