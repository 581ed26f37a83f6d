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
import { cleanAttributes, cleanValue, type SpanLimits } from './attributes.js';
import { fromTimeInput, now } from './clock.js';
import type { ContentItem, SpanEvent } from './ended-span.js';
import type { SpanbusTracer } from './tracer.js';

const NO_EVENTS: readonly SpanEvent[] = Object.freeze([]);
const NO_LINKS: readonly Link[] = Object.freeze([]);
const UNSET: SpanStatus = Object.freeze({ code: SpanStatusCode.UNSET });

function exceptionAttributes(exception: Exception): Attributes {
  if (typeof exception === 'string') return { 'exception.message': exception };
  const attributes: Attributes = {};
  // anything can be thrown, also nothing
  if (!exception) return attributes;
  const type = exception.code || exception.name;
  if (type) attributes['exception.type'] = String(type);
  if (exception.message) attributes['exception.message'] = exception.message;
  if (exception.stack) attributes['exception.stacktrace'] = exception.stack;
  return attributes;
}

/**
 * A recording span. It is also the record that is buffered and exported: ending it hands it to the recorder, nothing is
 * copied. A frozen attributes object given at the start is shared until the first change, so a caller with many alike
 * spans keeps one.
 */
export class SpanbusSpan implements Span {
  endTime = -1;
  status: SpanStatus = UNSET;
  events: readonly SpanEvent[] = NO_EVENTS;
  links: readonly Link[] = NO_LINKS;
  droppedAttributes = 0;
  droppedEvents = 0;
  droppedLinks = 0;
  /** Why this span had its trace kept; empty when it did not. */
  keepReason = '';
  /** Filled when the span ends, by who keeps content out of the attributes. */
  content: readonly ContentItem[] | undefined = undefined;
  private context: SpanContext | undefined;
  /** How many attributes there are, once somebody had to know. */
  private attributeCount = -1;

  constructor(
    readonly tracer: SpanbusTracer,
    readonly traceId: string,
    readonly spanId: string,
    readonly parentSpanId: string,
    readonly traceFlags: number,
    readonly traceState: TraceState | undefined,
    public name: string,
    readonly kind: SpanKind,
    readonly startTime: number,
    public attributes: Attributes,
    public sharesAttributes: boolean,
  ) {}

  spanContext(): SpanContext {
    return (this.context ??= this.traceState
      ? { traceId: this.traceId, spanId: this.spanId, traceFlags: this.traceFlags, traceState: this.traceState }
      : { traceId: this.traceId, spanId: this.spanId, traceFlags: this.traceFlags });
  }

  isRecording(): boolean {
    return this.endTime < 0;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.endTime >= 0 || value === undefined || value === null || key === '') return this;
    const { limits } = this.tracer;
    const clean = cleanValue(key, value, limits.attributeValueLength);
    if (clean === undefined) return this;
    if (this.sharesAttributes) {
      this.attributes = { ...this.attributes };
      this.sharesAttributes = false;
    }
    if (this.attributeCount < 0) this.attributeCount = Object.keys(this.attributes).length;
    if (Object.hasOwn(this.attributes, key)) {
      this.attributes[key] = clean;
    } else if (this.attributeCount < limits.attributeCount) {
      this.attributes[key] = clean;
      this.attributeCount++;
    } else {
      this.droppedAttributes++;
    }
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) if (Object.hasOwn(attributes, key)) this.setAttribute(key, attributes[key]!);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.endTime >= 0) return this;
    const { limits } = this.tracer;
    if (limits.eventCount === 0) {
      this.droppedEvents++;
      return this;
    }
    const timed = isTimeInput(attributesOrTime);
    const at = isTimeInput(time) ? time : timed ? attributesOrTime : undefined;
    const event: SpanEvent = {
      name: String(name),
      time: at === undefined ? now() : fromTimeInput(at),
      attributes: timed ? {} : cleanAttributes(attributesOrTime, limits),
    };
    // the newest events are kept: the last one tells how it ended
    const full = this.events.length >= limits.eventCount;
    if (full) this.droppedEvents++;
    this.events = full ? [...this.events.slice(1), event] : [...this.events, event];
    return this;
  }

  addLink(link: Link): this {
    return this.addLinks([link]);
  }

  addLinks(links: Link[]): this {
    if (this.endTime >= 0) return this;
    const { limits } = this.tracer;
    const all = [...this.links, ...links.filter((link) => link?.context).map((link) => cleanLink(link, limits))];
    this.droppedLinks += Math.max(0, all.length - limits.linkCount);
    this.links = all.slice(Math.max(0, all.length - limits.linkCount));
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (this.endTime >= 0 || status.code === SpanStatusCode.UNSET || this.status.code === SpanStatusCode.OK)
      return this;
    this.status =
      status.code === SpanStatusCode.ERROR && typeof status.message === 'string'
        ? { code: status.code, message: status.message }
        : { code: status.code };
    return this;
  }

  updateName(name: string): this {
    if (this.endTime < 0) this.name = String(name);
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes = exceptionAttributes(exception);
    if (!attributes['exception.type'] && !attributes['exception.message']) return;
    this.addEvent('exception', attributes, time);
  }

  end(time?: TimeInput): void {
    if (this.endTime >= 0) return;
    const end = time === undefined ? now() : fromTimeInput(time);
    this.endTime = end < this.startTime ? this.startTime : end;
    this.tracer.recorder.onEnd(this);
  }
}

function cleanLink({ context, attributes }: Link, limits: SpanLimits): Link {
  const clean = cleanAttributes(attributes, limits);
  for (const _ in clean) return { context, attributes: clean };
  return { context };
}

function isTimeInput(value: Attributes | TimeInput | undefined): value is TimeInput {
  if (Array.isArray(value)) return value.length === 2 && value.every((part) => typeof part === 'number');
  return typeof value === 'number' || value instanceof Date;
}
