import { TRACEPARENT_LENGTH } from '../../src/index.js';

/**
 * The envelope: headers and payload as one value, for what Redis carries without headers. The format, version 1, is written
 * down in docs/wire-format.md with test vectors: `C1 73 62 01`, then one msgpack value, `[headers, payload]`.
 *
 * Byte C1 opens it: msgpack never uses it, and it cannot occur in UTF-8, so no msgpack, JSON or text starts like this.
 */
export const MAGIC = [0xc1, 0x73, 0x62, 0x01] as const;
/** msgpack's head of an array of two. */
export const PAIR = 0x92;

/** Longest header value that is read, bytes; W3C's limits for tracestate and baggage fit twice. */
export const MAX_VALUE = 16_384;

export const TRACEPARENT = 'traceparent';
export const TRACESTATE = 'tracestate';

/** A string as msgpack has it: its head and its UTF-8 bytes. */
export function packed(text: string): Buffer {
  const bytes = Buffer.from(text);
  const { length } = bytes;
  const head = length < 32 ? [0xa0 | length] : length < 256 ? [0xd9, length] : [0xda, length >> 8, length & 255];
  return Buffer.concat([Buffer.from(head), bytes]);
}

/** How the headers of an envelope begin where a span was sent: the value follows, and perhaps the trace's state. */
export const SPAN_HEAD = Buffer.concat([packed(TRACEPARENT), packed('0'.repeat(TRACEPARENT_LENGTH))]).subarray(
  0,
  -TRACEPARENT_LENGTH,
);
export const STATE_HEAD = packed(TRACESTATE);
