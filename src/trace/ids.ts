import { randomFillSync } from 'node:crypto';
import type { TraceState } from '@opentelemetry/api';

/**
 * A trace and a span in it. Ids are kept as places in a text that many share (the header they came in, a page of random
 * digits), not as strings of their own: spans wait in buffers, and the garbage collector moves whatever they hold.
 */
export interface TraceIds {
  readonly traceText: string;
  readonly traceAt: number;
  readonly spanText: string;
  readonly spanAt: number;
  readonly traceFlags: number;
  readonly traceState: TraceState | undefined;
}

export const TRACE_ID_LENGTH = 32;
export const SPAN_ID_LENGTH = 16;

const NO_SPAN = '0'.repeat(SPAN_ID_LENGTH);

/** One call into the random generator and one conversion to hex serve 512 spans. All bits are random (W3C level 2). */
const pool = Buffer.allocUnsafeSlow(8192);
let page = '';
let next = 0;

/** The text that the latest {@link nextId} is in. */
export function idPage(): string {
  return page;
}

/**
 * The place of a new id in {@link idPage}: lower-case hex digits, the first 16 never all zero.
 * @param length digits; a trace id and a span id may be taken as one
 */
export function nextId(length: number): number {
  if (next + length > page.length) {
    randomFillSync(pool);
    page = pool.toString('hex');
    next = 0;
  }
  const at = next;
  next += length;
  return page.startsWith(NO_SPAN, at) ? nextId(length) : at;
}

/** A new trace id: 32 lower-case hex digits, never all zero. */
export function newTraceId(): string {
  const at = nextId(TRACE_ID_LENGTH);
  return page.slice(at, at + TRACE_ID_LENGTH);
}

/** A new span id: 16 lower-case hex digits, never all zero. */
export function newSpanId(): string {
  const at = nextId(SPAN_ID_LENGTH);
  return page.slice(at, at + SPAN_ID_LENGTH);
}

/** Writes an id's hex digits as `length` bytes: faster than any conversion of the runtime's for texts this short. */
export function writeId(text: string, at: number, length: number, bytes: Uint8Array, to: number): void {
  for (let i = 0; i < length; i++) {
    bytes[to + i] = (digit(text.charCodeAt(at + 2 * i)) << 4) | digit(text.charCodeAt(at + 2 * i + 1));
  }
}

/** The lower-case hex digits of an id that {@link writeId} wrote. */
export function readId(bytes: Buffer, at: number, length: number): string {
  return bytes.toString('hex', at, at + length);
}

/** Value of a hex digit's character, either case. */
function digit(c: number): number {
  return (c & 15) + (c >> 6) * 9;
}
