import {
  INVALID_SPANID,
  INVALID_TRACEID,
  propagation,
  type Context,
  type Span,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  type TraceState,
} from '@opentelemetry/api';
import { keepHub } from '../sampling/keep-hub.js';
import { isSuppressed, spanOf, withSpan } from '../trace/context.js';
import { RemoteSpan } from '../trace/remote-span.js';
import { SpanbusSpan } from '../trace/span.js';
import { formatBaggage, parseBaggage } from './baggage.js';
import { flagsOf, formatTraceparent, SPAN_AT, TRACE_AT, trimTraceparent } from './traceparent.js';
import { W3CTraceState } from './trace-state.js';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
const BAGGAGE = 'baggage';

/** Our member of tracestate: `spanbus=k:<reason>` once a trace is kept. */
const OWN_KEY = 'spanbus';
const KEPT = 'k:';
const hub = keepHub();

/** What NATS servers from 2.11 call `traceparent` when their own tracing declines. */
const RENAMED_TRACEPARENT = 'Xraceparent';

/** The same few states arrive with every message; parsing one costs more than finding it. */
const MAX_CACHED_STATES = 64;
const states = new Map<string, W3CTraceState>();

function parseState(header: string | string[]): W3CTraceState {
  const text = typeof header === 'string' ? header : header.join(',');
  let state = states.get(text);
  if (!state) {
    state = W3CTraceState.parse(text);
    if (states.size >= MAX_CACHED_STATES) states.clear();
    if (text.length <= 512) states.set(text, state);
  }
  return state;
}

/** The state that goes out with a trace: one that is kept says so to all it calls from now on. */
function outgoingState(traceId: string, state: TraceState | undefined): TraceState | undefined {
  const mark = hub.mark(traceId);
  if (mark === undefined || state?.get(OWN_KEY) !== undefined) return state;
  return (state ?? W3CTraceState.empty).set(OWN_KEY, KEPT + mark);
}

function validContext(span: Span | undefined): SpanContext | undefined {
  const context = span?.spanContext();
  return context && context.traceId !== INVALID_TRACEID && context.spanId !== INVALID_SPANID ? context : undefined;
}

/** One value, or undefined when there is none or more than one. */
function single(value: string | string[] | undefined): string | undefined {
  return Array.isArray(value) ? (value.length === 1 ? value[0] : undefined) : value;
}

/**
 * W3C Trace Context (level 2) and Baggage between a context and a carrier of headers.
 * Reads whatever strangers send without throwing; a bad `traceparent` means a new trace, a bad `tracestate` none.
 */
export class W3CPropagator implements TextMapPropagator {
  fields(): string[] {
    return [TRACEPARENT, TRACESTATE, BAGGAGE];
  }

  inject(context: Context, carrier: unknown, setter: TextMapSetter): void {
    if (isSuppressed(context)) return;
    const current = spanOf(context);
    // one of our own spans is read as it is: its context object would be made for nothing else
    const span = current instanceof SpanbusSpan ? current : validContext(current);
    if (span) {
      const { traceId, spanId, traceFlags } = span;
      setter.set(carrier, TRACEPARENT, formatTraceparent({ traceId, spanId, traceFlags }));
      const state = outgoingState(traceId, span.traceState)?.serialize();
      if (state) setter.set(carrier, TRACESTATE, state);
    }
    const baggage = propagation.getBaggage(context);
    const text = baggage ? formatBaggage(baggage) : '';
    if (text !== '') setter.set(carrier, BAGGAGE, text);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = getter.get(carrier, TRACEPARENT) ?? getter.get(carrier, RENAMED_TRACEPARENT);
    const value = single(header);
    const text = value === undefined ? '' : trimTraceparent(value);
    const flags = flagsOf(text);
    if (flags >= 0) {
      const stateHeader = getter.get(carrier, TRACESTATE);
      const state = stateHeader === undefined || stateHeader.length === 0 ? undefined : parseState(stateHeader);
      const kept = state?.get(OWN_KEY);
      if (kept?.startsWith(KEPT)) hub.hear(text.slice(TRACE_AT, TRACE_AT + 32), kept.slice(KEPT.length));
      context = withSpan(context, new RemoteSpan(text, TRACE_AT, text, SPAN_AT, flags, state, true));
    }
    const header2 = getter.get(carrier, BAGGAGE);
    const baggage = header2 === undefined ? undefined : parseBaggage(header2);
    return baggage ? propagation.setBaggage(context, baggage) : context;
  }
}

/** The propagator that `register()` installs; usable on any carrier. */
export const propagator = new W3CPropagator();
