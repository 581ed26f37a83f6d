import {
  context as contextApi,
  INVALID_SPANID,
  INVALID_TRACEID,
  SpanKind,
  type Attributes,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import type { HeadSampler } from '../sampling/head-sampler.js';
import { baggageAttributes } from './baggage-attributes.js';
import { cleanAttributes, countDropped, isShareable, type SpanLimits } from './attributes.js';
import { fromTimeInput, now } from './clock.js';
import { isSuppressed, RemoteSpan, spanOf, withSpan } from './context.js';
import type { EndedSpan } from './ended-span.js';
import { newSpanId, newTraceId } from './ids.js';
import { SpanbusSpan } from './span.js';

/** Where ended spans go. Called once per span, on the path of the user's code: it must be cheap and never throw. */
export interface SpanRecorder {
  onEnd(span: EndedSpan): void;
  /** The user wants the trace of a span that has not ended yet kept whole. */
  keep(span: KeptSpan, reason: string): void;
}

/** What there has to be of a span to have its trace kept. */
export type KeptSpan = Pick<EndedSpan, 'traceId' | 'traceFlags' | 'traceState' | 'keepReason'>;

const NO_ATTRIBUTES: Attributes = Object.freeze({});
const SUPPRESSED = new RemoteSpan();

/** Starts spans for one instrumentation scope. */
export class SpanbusTracer implements Tracer {
  constructor(
    readonly scopeName: string,
    readonly scopeVersion: string,
    readonly recorder: SpanRecorder,
    readonly sampler: HeadSampler,
    readonly limits: SpanLimits,
    private readonly baggageKeys: readonly string[] = [],
  ) {}

  startSpan(name: string, options: SpanOptions = {}, context: Context = contextApi.active()): Span {
    if (isSuppressed(context)) return SUPPRESSED;
    const parent = options.root ? undefined : spanOf(context)?.spanContext();
    const start = options.startTime === undefined ? now() : fromTimeInput(options.startTime);
    const kind = options.kind ?? SpanKind.INTERNAL;
    const given = options.attributes;
    const shared = !given || isShareable(given);
    let attributes = !given ? NO_ATTRIBUTES : shared ? given : cleanAttributes(given, this.limits);
    if (this.baggageKeys.length > 0) attributes = baggageAttributes(context, this.baggageKeys, attributes);
    const shares = shared && (attributes === given || attributes === NO_ATTRIBUTES);
    const hasParent = parent && parent.traceId !== INVALID_TRACEID && parent.spanId !== INVALID_SPANID;
    const traceId = hasParent ? parent.traceId : newTraceId();
    const spanId = newSpanId();
    // a name that is none must not reach the exporter, where it would take its whole batch with it
    const text = typeof name === 'string' ? name : String(name);
    let span: SpanbusSpan;
    if (hasParent) {
      const { traceFlags, traceState } = parent;
      span = new SpanbusSpan(
        this,
        traceId,
        spanId,
        parent.spanId,
        traceFlags,
        traceState,
        text,
        kind,
        start,
        attributes,
        shares,
      );
    } else {
      const { flags, state } = this.sampler.decide(traceId, attributes);
      span = new SpanbusSpan(this, traceId, spanId, '', flags, state, text, kind, start, attributes, shares);
    }
    // no need to count before there are that many
    if (!shared && Object.keys(given).length > this.limits.attributeCount) {
      span.droppedAttributes = countDropped(given, this.limits);
    }
    if (options.links) span.addLinks(options.links);
    return span;
  }

  startActiveSpan<F extends (span: Span) => unknown>(name: string, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(name: string, options: SpanOptions, fn: F): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    options: SpanOptions,
    context: Context,
    fn: F,
  ): ReturnType<F>;
  startActiveSpan<F extends (span: Span) => unknown>(
    name: string,
    ...rest: [F] | [SpanOptions, F] | [SpanOptions, Context, F]
  ): ReturnType<F> {
    const fn = rest.at(-1) as F | undefined;
    // as OpenTelemetry's: nothing to run, no span
    if (!fn) return undefined as ReturnType<F>;
    const options = rest.length > 1 ? (rest[0] as SpanOptions | undefined) : undefined;
    const parent = (rest.length > 2 ? (rest[1] as Context | undefined) : undefined) ?? contextApi.active();
    const span = this.startSpan(name, options, parent);
    return contextApi.with(withSpan(parent, span), fn as (span: Span) => ReturnType<F>, undefined, span);
  }
}
