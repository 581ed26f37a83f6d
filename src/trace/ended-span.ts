import {
  SpanStatusCode,
  type Attributes,
  type Link,
  type SpanKind,
  type SpanStatus,
  type TraceState,
} from '@opentelemetry/api';

/** Something that happened during a span. `time` is a clock value (see clock.ts). */
export interface SpanEvent {
  name: string;
  time: number;
  attributes: Attributes;
}

/** Text that was taken out of a span's attributes: a prompt, a reply, the arguments of a tool. */
export interface ContentItem {
  key: string;
  value: string;
  /** UTF-8 bytes of the whole, where `value` is only its beginning. */
  bytes?: number;
}

/** What made the spans of a scope, as OpenTelemetry names it. */
export interface InstrumentationScope {
  readonly scopeName: string;
  readonly scopeVersion: string;
}

/** What OpenTelemetry's SDK calls a resource, as far as it is stored; `attributes` may still grow before it is. */
export interface SpanResource {
  readonly attributes: Attributes;
  readonly asyncAttributesPending?: boolean | undefined;
}

/**
 * A span as sampling and export need it, whoever recorded it: `SpanbusSpan` is one as it is, a span of OpenTelemetry's SDK is
 * turned into one. Times are clock values. What is not readonly may be changed by whom the span passes on its way.
 */
export interface EndedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Empty for a root. */
  readonly parentSpanId: string;
  readonly traceFlags: number;
  readonly traceState: TraceState | undefined;
  readonly kind: SpanKind;
  readonly startTime: number;
  readonly endTime: number;
  readonly tracer: InstrumentationScope;
  /** Where it comes from, when that is not this process's own resource. */
  readonly resource?: SpanResource | undefined;
  name: string;
  attributes: Attributes;
  /** Whether other spans may have the same attributes object: it is frozen, and there is nothing in it to take out or redact. */
  sharesAttributes?: boolean;
  events: readonly SpanEvent[];
  links: readonly Link[];
  status: SpanStatus;
  /** Why this span had its trace kept; empty when it did not. */
  keepReason: string;
  content?: readonly ContentItem[] | undefined;
}

/** What most spans have: the same for all, so that they are known by it. */
export const NO_EVENTS: readonly SpanEvent[] = Object.freeze([]);
export const NO_LINKS: readonly Link[] = Object.freeze([]);
export const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });
