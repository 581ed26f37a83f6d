import type { Attributes, Context, Link, Span, SpanContext, SpanKind, SpanStatus } from '@opentelemetry/api';
import type { SpanResource } from '../trace/ended-span.js';

/** Seconds and nanoseconds. */
type HrTime = [number, number];

interface SdkScope {
  readonly name: string;
  readonly version?: string | undefined;
}

/**
 * As much of the SDK's `ReadableSpan` as is stored, of its versions 1 and 2. Written down here, because whoever does not use
 * the SDK does not have it installed.
 */
export interface SdkSpan {
  readonly name: string;
  readonly kind: SpanKind;
  spanContext(): SpanContext;
  /** Version 2. */
  readonly parentSpanContext?: SpanContext | undefined;
  /** Version 1. */
  readonly parentSpanId?: string | undefined;
  readonly startTime: HrTime;
  readonly endTime: HrTime;
  readonly status: SpanStatus;
  readonly attributes: Attributes;
  readonly links: readonly Link[];
  readonly events: readonly { name: string; time: HrTime; attributes?: Attributes | undefined }[];
  readonly resource: SpanResource & { waitForAsyncAttributes?: () => Promise<void> };
  readonly instrumentationScope?: SdkScope | undefined;
  readonly instrumentationLibrary?: SdkScope | undefined;
}

/** The SDK's `SpanProcessor`. */
export interface SdkSpanProcessor {
  onStart(span: Span, parentContext: Context): void;
  onEnd(span: SdkSpan): void;
  forceFlush(): Promise<void>;
  shutdown(): Promise<void>;
}
