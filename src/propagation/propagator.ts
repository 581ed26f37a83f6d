import {
  INVALID_SPANID,
  INVALID_TRACEID,
  propagation,
  type Context,
  type SpanContext,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  type TraceState,
} from '@opentelemetry/api';
import { keepHub } from '../sampling/keep-hub.js';
import { isSuppressed, RemoteSpan, spanOf, withSpan } from '../trace/context.js';
import { formatBaggage, parseBaggage } from './baggage.js';
import { formatTraceparent, parseTraceparent } from './traceparent.js';
import { W3CTraceState } from './trace-state.js';

const TRACEPARENT = 'traceparent';
const TRACESTATE = 'tracestate';
const BAGGAGE = 'baggage';

/** Our member of tracestate: `spanbus=k:<reason>` once a trace is kept. */
const OWN_KEY = 'spanbus';
const KEPT = 'k:';

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

/** The state that goes out with a span: a trace that is kept says so to all it calls from now on. */
function stateOf(span: SpanContext): TraceState | undefined {
  const mark = keepHub().mark(span.traceId);
  if (mark === undefined || span.traceState?.get(OWN_KEY) !== undefined) return span.traceState;
  return (span.traceState ?? W3CTraceState.empty).set(OWN_KEY, KEPT + mark);
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
    const span = spanOf(context)?.spanContext();
    if (span && span.traceId !== INVALID_TRACEID && span.spanId !== INVALID_SPANID) {
      setter.set(carrier, TRACEPARENT, formatTraceparent(span));
      const state = stateOf(span)?.serialize();
      if (state) setter.set(carrier, TRACESTATE, state);
    }
    const baggage = propagation.getBaggage(context);
    const text = baggage ? formatBaggage(baggage) : '';
    if (text !== '') setter.set(carrier, BAGGAGE, text);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const header = getter.get(carrier, TRACEPARENT) ?? getter.get(carrier, RENAMED_TRACEPARENT);
    const value = single(header);
    const parent = value === undefined ? undefined : parseTraceparent(value);
    if (parent) {
      const state = getter.get(carrier, TRACESTATE);
      if (state !== undefined && state.length > 0) {
        parent.traceState = parseState(state);
        const kept = parent.traceState.get(OWN_KEY);
        if (kept?.startsWith(KEPT)) keepHub().hear(parent.traceId, kept.slice(KEPT.length));
      }
      context = withSpan(context, new RemoteSpan(parent));
    }
    const header2 = getter.get(carrier, BAGGAGE);
    const baggage = header2 === undefined ? undefined : parseBaggage(header2);
    return baggage ? propagation.setBaggage(context, baggage) : context;
  }
}

/** The propagator that `register()` installs; usable on any carrier. */
export const propagator = new W3CPropagator();
