import {
  SpanStatusCode,
  type AttributeValue,
  type Attributes,
  type Exception,
  type Link,
  type Span,
  type SpanContext,
  type SpanKind,
  type SpanStatus,
  type TimeInput,
  type TraceState,
} from '@opentelemetry/api';
import { cleanAttributes, cleanValue } from './attributes.js';
import { fromTimeInput, now } from './clock.js';
import { idPage, nextId, SPAN_ID_LENGTH, TRACE_ID_LENGTH, type TraceIds } from './ids.js';
import type { SpanbusTracer } from './tracer.js';

/** Something that happened during a span. `time` is a clock value (see clock.ts). */
export interface SpanEvent {
  name: string;
  time: number;
  attributes: Attributes;
}

interface Dropped {
  attributes: number;
  events: number;
  links: number;
}

const NS_PER_SECOND = 1e9;
const NO_EVENTS: readonly SpanEvent[] = Object.freeze([]);
const NO_LINKS: readonly Link[] = Object.freeze([]);
const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });

function exceptionAttributes(exception: Exception): Attributes {
  if (typeof exception === 'string') return { 'exception.message': exception };
  const attributes: Attributes = {};
  const type = exception.code ?? exception.name;
  if (type !== undefined) attributes['exception.type'] = String(type);
  if (exception.message) attributes['exception.message'] = exception.message;
  if (exception.stack) attributes['exception.stacktrace'] = exception.stack;
  return attributes;
}

/**
 * A recording span. It is also the record that is buffered and exported: ending it hands it to the recorder, nothing is
 * copied. What it keeps is what the garbage collector moves while it waits, so it is one object: ids are places in texts
 * that exist anyway, times are pairs of small integers (a fractional number would be an object of its own), and a frozen
 * attributes object given at the start is shared until the first change.
 */
export class SpanbusSpan implements Span, TraceIds {
  readonly traceText: string;
  readonly traceAt: number;
  readonly spanText: string;
  readonly spanAt: number;
  readonly traceFlags: number;
  readonly traceState: TraceState | undefined;
  status: SpanStatus = UNSET;
  events: readonly SpanEvent[] = NO_EVENTS;
  links: readonly Link[] = NO_LINKS;
  /** Why this span had its trace kept; empty when it did not. */
  keepReason = '';
  private readonly parentText: string;
  private readonly parentAt: number;
  private readonly startSeconds: number;
  private readonly startNs: number;
  private endSeconds = -1;
  private endNs = 0;
  private dropped: Dropped | undefined;

  /** @param parent undefined for the root of a new trace */
  constructor(
    readonly tracer: SpanbusTracer,
    parent: TraceIds | undefined,
    public name: string,
    readonly kind: SpanKind,
    startTime: number,
    public attributes: Attributes,
  ) {
    if (parent) {
      this.spanAt = nextId(SPAN_ID_LENGTH);
      this.spanText = idPage();
      this.traceText = parent.traceText;
      this.traceAt = parent.traceAt;
      this.parentText = parent.spanText;
      this.parentAt = parent.spanAt;
      this.traceFlags = parent.traceFlags;
      this.traceState = parent.traceState;
    } else {
      this.traceAt = nextId(TRACE_ID_LENGTH + SPAN_ID_LENGTH);
      this.traceText = this.spanText = idPage();
      this.spanAt = this.traceAt + TRACE_ID_LENGTH;
      this.parentText = '';
      this.parentAt = 0;
      const { flags, state } = tracer.sampler.decide(this.traceId, attributes);
      this.traceFlags = flags;
      this.traceState = state;
    }
    this.startSeconds = Math.floor(startTime / NS_PER_SECOND);
    this.startNs = startTime - this.startSeconds * NS_PER_SECOND;
  }

  get traceId(): string {
    return this.traceText.slice(this.traceAt, this.traceAt + TRACE_ID_LENGTH);
  }

  get spanId(): string {
    return this.spanText.slice(this.spanAt, this.spanAt + SPAN_ID_LENGTH);
  }

  /** Empty for a root. */
  get parentSpanId(): string {
    return this.parentText.slice(this.parentAt, this.parentAt + SPAN_ID_LENGTH);
  }

  /** A clock value (see clock.ts). */
  get startTime(): number {
    return this.startSeconds * NS_PER_SECOND + this.startNs;
  }

  /** A clock value; -1 while it runs. */
  get endTime(): number {
    return this.endSeconds < 0 ? -1 : this.endSeconds * NS_PER_SECOND + this.endNs;
  }

  /** Attributes, events and links over the limits: counted, not kept. */
  get droppedAttributes(): number {
    return this.dropped?.attributes ?? 0;
  }

  get droppedEvents(): number {
    return this.dropped?.events ?? 0;
  }

  get droppedLinks(): number {
    return this.dropped?.links ?? 0;
  }

  spanContext(): SpanContext {
    const { traceId, spanId, traceFlags, traceState } = this;
    return traceState ? { traceId, spanId, traceFlags, traceState } : { traceId, spanId, traceFlags };
  }

  isRecording(): boolean {
    return this.endSeconds < 0;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.endSeconds >= 0 || value === undefined || value === null || key === '') return this;
    const { limits } = this.tracer;
    const clean = cleanValue(value, limits.attributeValueLength);
    if (clean === undefined) return this;
    if (Object.isFrozen(this.attributes)) this.attributes = { ...this.attributes };
    if (!Object.hasOwn(this.attributes, key) && Object.keys(this.attributes).length >= limits.attributeCount) {
      this.drop('attributes');
    } else {
      this.attributes[key] = clean;
    }
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) this.setAttribute(key, attributes[key]!);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.endSeconds >= 0) return this;
    const { limits } = this.tracer;
    if (limits.eventCount === 0) {
      this.drop('events');
      return this;
    }
    const timed = isTimeInput(attributesOrTime);
    const at = timed ? attributesOrTime : time;
    const event: SpanEvent = {
      name,
      time: at === undefined ? now() : fromTimeInput(at),
      attributes: timed ? {} : cleanAttributes(attributesOrTime, limits),
    };
    // the newest events are kept: the last one tells how it ended
    const full = this.events.length >= limits.eventCount;
    if (full) this.drop('events');
    this.events = full ? [...this.events.slice(1), event] : [...this.events, event];
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: Link[]): this {
    if (this.endSeconds >= 0) return this;
    const { limits } = this.tracer;
    const all = [...this.links, ...links.map((l) => ({ ...l, attributes: cleanAttributes(l.attributes, limits) }))];
    const over = Math.max(0, all.length - limits.linkCount);
    if (over > 0) this.drop('links', over);
    this.links = all.slice(over);
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (this.endSeconds >= 0 || status.code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK)
      return this;
    this.status =
      status.code === SpanStatusCode.ERROR && typeof status.message === 'string'
        ? { code: status.code, message: status.message }
        : { code: status.code };
    return this;
  }

  updateName(name: string): this {
    if (this.endSeconds < 0) this.name = name;
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes = exceptionAttributes(exception);
    if (attributes['exception.type'] === undefined && attributes['exception.message'] === undefined) return;
    this.addEvent('exception', attributes, time);
  }

  end(time?: TimeInput): void {
    if (this.endSeconds >= 0) return;
    const end = Math.max(this.startTime, time === undefined ? now() : fromTimeInput(time));
    this.endSeconds = Math.floor(end / NS_PER_SECOND);
    this.endNs = end - this.endSeconds * NS_PER_SECOND;
    this.tracer.recorder.onEnd(this);
  }

  private drop(what: keyof Dropped, count = 1): void {
    this.dropped ??= { attributes: 0, events: 0, links: 0 };
    this.dropped[what] += count;
  }
}

function isTimeInput(value: Attributes | TimeInput | undefined): value is TimeInput {
  return typeof value === 'number' || value instanceof Date || Array.isArray(value);
}
