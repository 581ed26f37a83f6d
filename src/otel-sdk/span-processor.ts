import { type Context, type Span } from '@opentelemetry/api';
import type { TracingOptions } from '../options.js';
import { addKeeper } from '../sampling/keep.js';
import { baggageAttributes } from '../trace/baggage-attributes.js';
import { createTracing, type Tracing, type TracingStats } from '../tracing.js';
import { convertSpan } from './convert-span.js';
import { SdkHeadSampler } from './head-sampler.js';
import type { SdkSpan, SdkSpanProcessor } from './sdk-types.js';

/**
 * Brings our sampling and ClickHouse to a program that has OpenTelemetry's SDK already: every span of theirs is buffered, kept
 * and stored as one of ours. Service and resource are the SDK's. `sampler` is to be the SDK's sampler: with another one, what
 * that does not record is lost to us too, also when its trace fails later.
 *
 * @example
 * const spanbus = new SpanbusSpanProcessor({ sampling: { ratio: 0.01 } });
 * const sdk = new NodeSDK({ spanProcessors: [spanbus], sampler: spanbus.sampler, textMapPropagator: propagator });
 *
 * @throws InvalidOptionError as `createTracing`
 */
export class SpanbusSpanProcessor implements SdkSpanProcessor {
  readonly sampler: SdkHeadSampler;
  private readonly tracing: Tracing;
  private readonly reasons = new WeakMap<object, { keepReason: string }>();
  private readonly waiting = new Set<Promise<void>>();
  private readonly removeKeeper: () => void;

  constructor(options: TracingOptions = {}) {
    this.tracing = createTracing(options);
    this.sampler = new SdkHeadSampler(this.tracing.provider.sampler);
    this.removeKeeper = addKeeper((span, reason) => this.keep(span, reason));
  }

  onStart(span: Span, parentContext: Context): void {
    const { baggageKeys } = this.tracing.provider;
    if (baggageKeys.length > 0) span.setAttributes(baggageAttributes(parentContext, baggageKeys, {}));
  }

  onEnd(span: SdkSpan): void {
    const { asyncAttributesPending, waitForAsyncAttributes } = span.resource;
    // a resource that is still being looked up: who flushes waits for it, nobody else does
    if (asyncAttributesPending && waitForAsyncAttributes && this.waiting.size === 0) {
      const settled = waitForAsyncAttributes.call(span.resource).catch(() => undefined);
      this.waiting.add(settled);
      void settled.finally(() => this.waiting.delete(settled));
    }
    this.tracing.provider.recorder.onEnd(convertSpan(span, this.reasons.get(span)?.keepReason ?? ''));
  }

  async forceFlush(): Promise<void> {
    await Promise.all(this.waiting);
    await this.tracing.forceFlush();
  }

  async shutdown(): Promise<void> {
    this.removeKeeper();
    await Promise.all(this.waiting);
    await this.tracing.shutdown();
  }

  stats(): TracingStats {
    return this.tracing.stats();
  }

  private keep(span: Span, reason: string): void {
    const { traceId, traceFlags, traceState } = span.spanContext();
    const kept = { traceId, traceFlags, traceState, keepReason: '' };
    this.tracing.provider.recorder.keep(kept, reason);
    this.reasons.set(span, kept);
  }
}
