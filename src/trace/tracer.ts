import {
  context as contextApi,
  isSpanContextValid,
  SpanKind,
  type Attributes,
  type Context,
  type Span,
  type SpanOptions,
  type Tracer,
} from '@opentelemetry/api';
import type { HeadSampler } from '../sampling/head-sampler.js';
import { cleanAttributes, countDropped, isShared, type SpanLimits } from './attributes.js';
import { baggageAttributes } from './baggage-attributes.js';
import { fromTimeInput, now } from './clock.js';
import { isSuppressed, spanOf, withSpan } from './context.js';
import type { EndedSpan } from './ended-span.js';
import type { TraceIds } from './ids.js';
import { NO_SPAN, RemoteSpan } from './remote-span.js';
import { cleanName } from './span-parts.js';
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

/** The span of a context that a new one belongs to; undefined when a trace starts. */
function parentOf(context: Context): TraceIds | undefined {
  const span = spanOf(context);
  if (span === undefined || span instanceof SpanbusSpan) return span;
  if (span instanceof RemoteSpan) return span === NO_SPAN ? undefined : span;
  const foreign = span.spanContext();
  return isSpanContextValid(foreign) ? RemoteSpan.of(foreign) : undefined;
}

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
    if (isSuppressed(context)) return NO_SPAN;
    const parent = options.root ? undefined : parentOf(context);
    const start = options.startTime === undefined ? now() : fromTimeInput(options.startTime);
    const given = options.attributes;
    let attributes = given ?? NO_ATTRIBUTES;
    let shares = isShared(attributes);
    const copied = !shares;
    if (copied) attributes = cleanAttributes(attributes, this.limits);
    if (this.baggageKeys.length > 0) {
      const own = attributes;
      attributes = baggageAttributes(context, this.baggageKeys, own);
      shares &&= attributes === own;
    }
    const kind = options.kind ?? SpanKind.INTERNAL;
    const span = new SpanbusSpan(this, parent, cleanName(name, this.limits), kind, start, attributes, shares);
    if (copied && given && Object.keys(given).length > this.limits.attributeCount) {
      span.drop('attributes', countDropped(given, this.limits));
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
