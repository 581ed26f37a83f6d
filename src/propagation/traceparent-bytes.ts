import type { TextMapGetter, TextMapSetter } from '@opentelemetry/api';
import {
  areDigits,
  digitValue,
  readWord,
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

/** Reads the 55 bytes of a `traceparent` of version 00; undefined for anything else, which may yet be one. Never throws. */
export function readTraceparent(bytes: Uint8Array, at: number): RemoteSpan | undefined {
  if (at + TRACEPARENT_LENGTH > bytes.length || bytes[at] !== ZERO || bytes[at + 1] !== ZERO) return undefined;
  if (bytes[at + TRACE_AT - 1] !== DASH || bytes[at + SPAN_AT - 1] !== DASH || bytes[at + FLAGS_AT - 1] !== DASH) {
    return undefined;
  }
  const [traceAt, spanAt] = [at + TRACE_AT, at + SPAN_AT];
  if (!areDigits(bytes, traceAt, TRACE_ID_LENGTH) || !areDigits(bytes, spanAt, SPAN_ID_LENGTH)) return undefined;
  if (!areDigits(bytes, at + FLAGS_AT, 2)) return undefined;
  const span = new RemoteSpan(
    readWord(bytes, traceAt),
    readWord(bytes, traceAt + WORD_LENGTH),
    readWord(bytes, traceAt + 2 * WORD_LENGTH),
    readWord(bytes, traceAt + 3 * WORD_LENGTH),
    readWord(bytes, spanAt),
    readWord(bytes, spanAt + WORD_LENGTH),
    digitValue(bytes[at + FLAGS_AT + 1]!) & KNOWN_FLAGS,
    undefined,
    true,
  );
  const hasTrace = (span.trace0 | span.trace1 | span.trace2 | span.trace3) !== 0;
  return hasTrace && (span.span0 | span.span1) !== 0 ? span : undefined;
}
