import { TraceFlags, type SpanContext } from '@opentelemetry/api';
import { digitValue } from '../trace/ids.js';

/** Flag bits of W3C Trace Context level 2 that are kept and forwarded; all others become 0. */
const RANDOM = 0x02;
export const KNOWN_FLAGS = TraceFlags.SAMPLED | RANDOM;

/** Flags of a trace that starts here: its id is random. */
export const ROOT_FLAGS = RANDOM;

export const TRACEPARENT_LENGTH = 55;
const DASH = 45;
const NO_TRACE = '0'.repeat(32);
const NO_SPAN = '0'.repeat(16);
const FLAG_TEXT = ['00', '01', '02', '03'];

/** True when all characters of `text` in [from, to) are lower-case hex digits. */
function isHex(text: string, from: number, to: number): boolean {
  for (let i = from; i < to; i++) if (digitValue(text.charCodeAt(i)) < 0) return false;
  return true;
}

/** Where the ids lie in a `traceparent`. */
const TRACE_AT = 3;
const SPAN_AT = 36;

/** The header without the spaces and tabs around it that are tolerated. */
function trimTraceparent(header: string): string {
  return header.length === TRACEPARENT_LENGTH ? header : header.replace(/^[ \t]+|[ \t]+$/g, '');
}

/** The known flags of a trimmed `traceparent`; -1 when it is not valid: then a new trace starts. Never throws. */
function flagsOf(text: string): number {
  if (text.length < TRACEPARENT_LENGTH) return -1;
  if (text.charCodeAt(2) !== DASH || text.charCodeAt(35) !== DASH || text.charCodeAt(52) !== DASH) return -1;
  if (!isHex(text, 0, 2) || !isHex(text, 3, 35) || !isHex(text, 36, 52) || !isHex(text, 53, 55)) return -1;
  if (text.startsWith('ff')) return -1;
  if (text.length > TRACEPARENT_LENGTH && (text.startsWith('00') || text.charCodeAt(TRACEPARENT_LENGTH) !== DASH))
    return -1;
  if (text.startsWith(NO_TRACE, TRACE_AT) || text.startsWith(NO_SPAN, SPAN_AT)) return -1;
  // the flags that are known are in the last digit
  return digitValue(text.charCodeAt(54)) & KNOWN_FLAGS;
}

/**
 * Reads a `traceparent` header (https://www.w3.org/TR/trace-context-2/#traceparent-header).
 *
 * @returns the sender's span, or undefined when the value is not valid. Never throws.
 */
export function parseTraceparent(header: string): SpanContext | undefined {
  const text = trimTraceparent(header);
  const traceFlags = flagsOf(text);
  if (traceFlags < 0) return undefined;
  return { traceId: text.slice(TRACE_AT, 35), spanId: text.slice(SPAN_AT, 52), traceFlags, isRemote: true };
}

/** Writes a `traceparent` header of version 00. */
export function formatTraceparent(span: Pick<SpanContext, 'traceId' | 'spanId' | 'traceFlags'>): string {
  return '00-' + span.traceId + '-' + span.spanId + '-' + FLAG_TEXT[span.traceFlags & KNOWN_FLAGS]!;
}
