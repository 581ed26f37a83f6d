import { readTraceparent, RepeatedText, startsWith, TRACEPARENT_LENGTH, type RemoteSpan } from '../../src/index.js';
import { MAGIC, MAX_VALUE, PAIR, SPAN_HEAD, STATE_HEAD, TRACEPARENT, TRACESTATE } from './envelope-format.js';

/** Names that {@link Envelope.keys} tells of. */
const MAX_KEYS = 64;

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
    const valueAt = headersStart + SPAN_HEAD.length;
    const isOwn =
      startsWith(bytes, headersStart, SPAN_HEAD) &&
      (count === 1 || (count === 2 && startsWith(bytes, valueAt + TRACEPARENT_LENGTH, STATE_HEAD)));
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
    if (this.ownAt >= 0 && key.length !== TRACEPARENT.length) {
      if (this.count === 1 || key.length !== TRACESTATE.length) return undefined;
      if (key === TRACESTATE) return this.ownState();
    }
    let value: string | undefined;
    let at = this.headersStart;
    for (let i = 0; i < this.count; i++) {
      readString(this.bytes, at);
      const { start, next } = found;
      readString(this.bytes, next);
      at = found.next;
      if (next - start !== key.length || at - found.start > MAX_VALUE || !this.isKey(key, start)) continue;
      const text = this.bytes.toString('utf8', found.start, at);
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

  private ownState(): string | undefined {
    readString(this.bytes, this.ownAt + TRACEPARENT_LENGTH + STATE_HEAD.length);
    return found.next - found.start > MAX_VALUE ? undefined : states.read(this.bytes, found.start, found.next);
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
  if (bytes[0] !== MAGIC[0] || bytes[1] !== MAGIC[1] || bytes[2] !== MAGIC[2]) return undefined;
  if (bytes[3] !== MAGIC[3] || bytes[4] !== PAIR) return undefined;
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
