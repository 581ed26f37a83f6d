import {
  INVALID_SPANID,
  INVALID_TRACEID,
  propagation,
  type Context,
  type Span,
  type TextMapGetter,
  type TextMapPropagator,
  type TextMapSetter,
  type TraceState,
} from '@opentelemetry/api';
import { keepHub } from '../sampling/keep-hub.js';
import { isSuppressed, spanOf, withSpan } from '../trace/context.js';
import { traceIdOf, traceWordsOf, type TraceWords } from '../trace/ids.js';
import { RemoteSpan } from '../trace/remote-span.js';
import { SpanbusSpan } from '../trace/span.js';
import { formatBaggage, parseBaggage } from './baggage.js';
import { givesSpans, takesSpans } from './traceparent-bytes.js';
import { formatTraceparent, parseTraceparent } from './traceparent.js';
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
function outgoingState(trace: TraceWords, state: TraceState | undefined): string {
  const mark = hub.markOf(trace);
  if (mark === undefined || state?.get(OWN_KEY) !== undefined) return state?.serialize() ?? '';
  return (state ?? W3CTraceState.empty).set(OWN_KEY, KEPT + mark).serialize();
}

function injectSpan(span: Span, carrier: unknown, setter: TextMapSetter): void {
  // one of our own spans goes as it is: its context object would be made for nothing else
  if (span instanceof SpanbusSpan && takesSpans(setter)) {
    setter.setSpan(carrier, span, outgoingState(span, span.traceState));
    return;
  }
  const context = span.spanContext();
  if (context.traceId === INVALID_TRACEID || context.spanId === INVALID_SPANID) return;
  setter.set(carrier, TRACEPARENT, formatTraceparent(context));
  const state = outgoingState(traceWordsOf(context.traceId), context.traceState);
  if (state !== '') setter.set(carrier, TRACESTATE, state);
}

/** The sender's span, without its state; undefined when the carrier has none, or one that is not valid. */
function extractSpan(carrier: unknown, getter: TextMapGetter): RemoteSpan | undefined {
  const own = givesSpans(getter) ? getter.getSpan(carrier) : undefined;
  if (own) return own;
  const header = single(getter.get(carrier, TRACEPARENT) ?? getter.get(carrier, RENAMED_TRACEPARENT));
  const context = header === undefined ? undefined : parseTraceparent(header);
  return context && RemoteSpan.of(context);
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
    const span = spanOf(context);
    if (span) injectSpan(span, carrier, setter);
    const baggage = propagation.getBaggage(context);
    const text = baggage ? formatBaggage(baggage) : '';
    if (text !== '') setter.set(carrier, BAGGAGE, text);
  }

  extract(context: Context, carrier: unknown, getter: TextMapGetter): Context {
    const span = extractSpan(carrier, getter);
    if (span) {
      const header = getter.get(carrier, TRACESTATE);
      if (header !== undefined && header.length > 0) {
        const state = (span.traceState = parseState(header));
        const kept = state.get(OWN_KEY);
        if (kept?.startsWith(KEPT)) hub.hear(traceIdOf(span), kept.slice(KEPT.length));
      }
      context = withSpan(context, span);
    }
    const list = getter.get(carrier, BAGGAGE);
    const baggage = list === undefined ? undefined : parseBaggage(list);
    return baggage ? propagation.setBaggage(context, baggage) : context;
  }
}

/** The propagator that `register()` installs; usable on any carrier. */
export const propagator = new W3CPropagator();
