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
import { cleanAttributes, type SpanLimits } from './attributes.js';
import { fromTimeInput, now } from './clock.js';
import { isSuppressed, RemoteSpan, spanOf, withSpan } from './context.js';
import { newSpanId, newTraceId } from './ids.js';
import { SpanbusSpan } from './span.js';

/** Where ended spans go. Called once per span, on the path of the user's code: it must be cheap and never throw. */
export interface SpanRecorder {
  onEnd(span: SpanbusSpan): void;
}

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
  ) {}

  startSpan(name: string, options: SpanOptions = {}, context: Context = contextApi.active()): Span {
    if (isSuppressed(context)) return SUPPRESSED;
    const parent = options.root ? undefined : spanOf(context)?.spanContext();
    const start = options.startTime === undefined ? now() : fromTimeInput(options.startTime);
    const kind = options.kind ?? SpanKind.INTERNAL;
    const given = options.attributes;
    const attributes =
      given === undefined ? NO_ATTRIBUTES : Object.isFrozen(given) ? given : cleanAttributes(given, this.limits);
    const hasParent = parent && parent.traceId !== INVALID_TRACEID && parent.spanId !== INVALID_SPANID;
    const traceId = hasParent ? parent.traceId : newTraceId();
    const spanId = newSpanId();
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
        name,
        kind,
        start,
        attributes,
      );
    } else {
      const { flags, state } = this.sampler.decide(traceId, attributes);
      span = new SpanbusSpan(this, traceId, spanId, '', flags, state, name, kind, start, attributes);
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
    const fn = rest[rest.length - 1] as F;
    const options = rest.length > 1 ? (rest[0] as SpanOptions) : {};
    const parent = rest.length > 2 ? (rest[1] as Context) : contextApi.active();
    const span = this.startSpan(name, options, parent);
    return contextApi.with(withSpan(parent, span), fn as (span: Span) => ReturnType<F>, undefined, span);
  }
}
