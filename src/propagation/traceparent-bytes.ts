import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import {
  digitValue,
  readWords,
  SPAN_ID_LENGTH,
  TRACE_ID_LENGTH,
  WORD_LENGTH,
  writeWord,
  type TraceIds,
} from '../trace/ids.js';
import { RemoteSpan } from '../trace/remote-span.js';
import { KNOWN_FLAGS, TRACEPARENT_LENGTH } from './traceparent.js';

/** A setter whose carriers also take a span as it is, and write its `traceparent` themselves: no text need be made of it. */
export interface SpanSetter<C = unknown> extends TextMapSetter<C> {
  /** @param traceState the value of `tracestate`, or empty */
  setSpan(carrier: C, span: TraceIds, traceState: string): void;
}

/** A getter whose carriers may hold a `traceparent` as bytes. */
export interface SpanGetter<C = unknown> extends TextMapGetter<C> {
  /** @returns what {@link readTraceparent} read; undefined when the carrier is to be asked for text instead */
  getSpan(carrier: C): RemoteSpan | undefined;
}

export function takesSpans(setter: TextMapSetter): setter is SpanSetter {
  return (setter as Partial<SpanSetter>).setSpan !== undefined;
}

export function givesSpans(getter: TextMapGetter): getter is SpanGetter {
  return (getter as Partial<SpanGetter>).getSpan !== undefined;
}

const DASH = 45;
const ZERO = 48;
const TRACE_AT = 3;
const SPAN_AT = TRACE_AT + TRACE_ID_LENGTH + 1;
const FLAGS_AT = SPAN_AT + SPAN_ID_LENGTH + 1;

/** Writes a `traceparent` of version 00: 55 bytes. */
export function writeTraceparent(span: TraceIds, bytes: Uint8Array, at: number): void {
  bytes[at] = bytes[at + 1] = bytes[at + FLAGS_AT] = ZERO;
  bytes[at + TRACE_AT - 1] = bytes[at + SPAN_AT - 1] = bytes[at + FLAGS_AT - 1] = DASH;
  writeWord(span.trace0, bytes, at + TRACE_AT);
  writeWord(span.trace1, bytes, at + TRACE_AT + WORD_LENGTH);
  writeWord(span.trace2, bytes, at + TRACE_AT + 2 * WORD_LENGTH);
  writeWord(span.trace3, bytes, at + TRACE_AT + 3 * WORD_LENGTH);
  writeWord(span.span0, bytes, at + SPAN_AT);
  writeWord(span.span1, bytes, at + SPAN_AT + WORD_LENGTH);
  bytes[at + FLAGS_AT + 1] = ZERO + (span.traceFlags & KNOWN_FLAGS);
}

const trace = new Int32Array(4);
const parent = new Int32Array(2);

/** Reads the 55 bytes of a `traceparent` of version 00; undefined for anything else, which may yet be one. Never throws. */
export function readTraceparent(bytes: Uint8Array, at: number): RemoteSpan | undefined {
  if (at + TRACEPARENT_LENGTH > bytes.length || bytes[at] !== ZERO || bytes[at + 1] !== ZERO) return undefined;
  if (bytes[at + TRACE_AT - 1] !== DASH || bytes[at + SPAN_AT - 1] !== DASH || bytes[at + FLAGS_AT - 1] !== DASH) {
    return undefined;
  }
  if (!readWords(bytes, at + TRACE_AT, trace) || !readWords(bytes, at + SPAN_AT, parent)) return undefined;
  const [trace0, trace1, trace2, trace3] = [trace[0]!, trace[1]!, trace[2]!, trace[3]!];
  const [span0, span1] = [parent[0]!, parent[1]!];
  if ((trace0 | trace1 | trace2 | trace3) === 0 || (span0 | span1) === 0) return undefined;
  const [high, low] = [digitValue(bytes[at + FLAGS_AT]!), digitValue(bytes[at + FLAGS_AT + 1]!)];
  // the flags that are known are in the last digit
  if ((high | low) < 0) return undefined;
  return new RemoteSpan(trace0, trace1, trace2, trace3, span0, span1, low & KNOWN_FLAGS, undefined, true);
}
