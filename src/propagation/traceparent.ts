import { TraceFlags, type SpanContext } from '@opentelemetry/api';

/** Flag bits of W3C Trace Context level 2 that are kept and forwarded; all others become 0. */
const RANDOM = 0x02;
const KNOWN_FLAGS = TraceFlags.SAMPLED | RANDOM;

/** Flags of a trace that starts here: its id is random. */
export const ROOT_FLAGS = RANDOM;

const LENGTH = 55;
const DASH = 45;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const FLAG_TEXT = ['00', '01', '02', '03'];

/** Values of the characters that are lower-case hex digits; -1 for all others. */
const DIGIT = new Int8Array(128).fill(-1);
for (let i = 0; i < 16; i++) DIGIT['0123456789abcdef'.charCodeAt(i)] = i;

/** True when all characters of `text` in [from, to) are lower-case hex digits. */
function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) {
    const c = text.charCodeAt(i);
    if (c < 48 || (c > 57 && (c < 97 || c > 102))) return false;
  }
  return true;
}

/**
 * Reads a `traceparent` header (https://www.w3.org/TR/trace-context-2/#traceparent-header).
 *
 * @returns the sender's span, or undefined when the value is not valid: then a new trace starts. Never throws.
 */
export function parseTraceparent(header: string): SpanContext | undefined {
  const text = header.length === LENGTH ? header : header.replace(/^[ \t]+|[ \t]+$/g, '');
  if (text.length < LENGTH) return undefined;
  if (text.charCodeAt(2) !== DASH || text.charCodeAt(35) !== DASH || text.charCodeAt(52) !== DASH) return undefined;
  if (!isHex(text, 0, 2) || !isHex(text, 3, 35) || !isHex(text, 36, 52) || !isHex(text, 53, 55)) return undefined;
  if (text.charCodeAt(0) === 102 && text.charCodeAt(1) === 102) return undefined; // version ff
  if (text.length > LENGTH) {
    const version00 = text.charCodeAt(0) === 48 && text.charCodeAt(1) === 48;
    if (version00 || text.charCodeAt(LENGTH) !== DASH) return undefined;
  }
  const traceId = text.slice(3, 35);
  const spanId = text.slice(36, 52);
  if (traceId === NO_TRACE || spanId === NO_SPAN) return undefined;
  // the flags that are known are in the last digit
  const flags = DIGIT[text.charCodeAt(54)]! & KNOWN_FLAGS;
  return { traceId, spanId, traceFlags: flags, isRemote: true };
}

/** Writes a `traceparent` header of version 00. */
export function formatTraceparent(span: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'>): string {
  return '00-' + span.traceId + '-' + span.spanId + '-' + FLAG_TEXT[span.traceFlags & KNOWN_FLAGS]!;
}
