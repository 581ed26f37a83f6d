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
import { cut } from './cut.js';
import { fromTimeInput, now } from './clock.js';
import { NO_EVENTS, NO_LINKS, UNSET, type ContentItem, type EndedSpan, type SpanEvent } from './ended-span.js';
import { randomStart, randomWord, spanIdText, traceIdOf, type TraceIds } from './ids.js';
import { cleanLinks, cleanName, exceptionAttributes, isTimeInput } from './span-parts.js';
import type { SpanbusTracer } from './tracer.js';

/** What few spans have, in an object of its own: counts of what was over the limits, and content taken out of the attributes. */
class Rare {
  status: SpanStatus = UNSET;
  events: readonly SpanEvent[] = NO_EVENTS;
  links: readonly Link[] = NO_LINKS;
  keepReason = '';
  content: readonly ContentItem[] | undefined;
  readonly dropped = { attributes: 0, events: 0, links: 0 };
}

const BRAND = Symbol.for('spanbus.span.1');

/** Whether a span is a {@link SpanbusSpan}, of this copy of our code or another: ESM and CommonJS may both be loaded. */
export function isOurs(span: Span): span is SpanbusSpan {
  return BRAND in span;
}

const NS_PER_SECOND = 1e9;
/** The end of a span that runs: a small integer like all others, and 34 years before the clock's zero. */
const RUNNING = -(2 ** 30);

/**
 * A recording span. It is also the record that is buffered and exported: ending it hands it to the recorder, nothing is
 * copied. It is one object: ids are words, times are pairs of small integers (a fractional number would be an object of its
 * own), and a frozen attributes object given at the start is shared until the first change.
 */
export class SpanbusSpan implements Span, TraceIds, EndedSpan {
  readonly trace0: number;
  readonly trace1: number;
  readonly trace2: number;
  readonly trace3: number;
  readonly span0: number;
  readonly span1: number;
  /** Both 0 for a root. */
  readonly parent0: number;
  readonly parent1: number;
  readonly traceFlags: number;
  readonly traceState: TraceState | undefined;
  private readonly startSeconds: number;
  private readonly startNs: number;
  private endSeconds = RUNNING;
  private endNs = 0;
  private rare: Rare | undefined;

  /**
   * @param parent undefined for the root of a new trace
   * @param sharesAttributes whether other spans may have the same attributes object (see attributes.ts); until the first change
   */
  constructor(
    readonly tracer: SpanbusTracer,
    parent: TraceIds | undefined,
    public name: string,
    readonly kind: SpanKind,
    startTime: number,
    public attributes: Attributes,
    public sharesAttributes: boolean,
  ) {
    this.span0 = randomStart();
    this.span1 = randomWord();
    if (parent) {
      this.trace0 = parent.trace0;
      this.trace1 = parent.trace1;
      this.trace2 = parent.trace2;
      this.trace3 = parent.trace3;
      this.parent0 = parent.span0;
      this.parent1 = parent.span1;
      this.traceFlags = parent.traceFlags;
      this.traceState = parent.traceState;
    } else {
      this.trace0 = randomStart();
      this.trace1 = randomWord();
      this.trace2 = randomWord();
      this.trace3 = randomWord();
      this.parent0 = this.parent1 = 0;
      const { flags, state } = tracer.sampler.decide(this, attributes);
      this.traceFlags = flags;
      this.traceState = state;
    }
    this.startSeconds = Math.floor(startTime / NS_PER_SECOND);
    this.startNs = startTime - this.startSeconds * NS_PER_SECOND;
  }

  get [BRAND](): true {
    return true;
  }

  get traceId(): string {
    return traceIdOf(this);
  }

  get spanId(): string {
    return spanIdText(this.span0, this.span1);
  }

  /** Empty for a root. */
  get parentSpanId(): string {
    return this.parent0 === 0 && this.parent1 === 0 ? '' : spanIdText(this.parent0, this.parent1);
  }

  /** A clock value (see clock.ts). */
  get startTime(): number {
    return this.startSeconds * NS_PER_SECOND + this.startNs;
  }

  /** A clock value; -1 while it runs. */
  get endTime(): number {
    return this.endSeconds === RUNNING ? -1 : this.endSeconds * NS_PER_SECOND + this.endNs;
  }

  /** True when ids, name, times and attributes are all there is to keep of it. */
  get isPlain(): boolean {
    return this.rare === undefined;
  }

  get status(): SpanStatus {
    return this.rare?.status ?? UNSET;
  }

  set status(status: SpanStatus) {
    this.rares().status = status;
  }

  get events(): readonly SpanEvent[] {
    return this.rare?.events ?? NO_EVENTS;
  }

  set events(events: readonly SpanEvent[]) {
    this.rares().events = events;
  }

  get links(): readonly Link[] {
    return this.rare?.links ?? NO_LINKS;
  }

  set links(links: readonly Link[]) {
    this.rares().links = links;
  }

  /** Why this span had its trace kept; empty when it did not. */
  get keepReason(): string {
    return this.rare?.keepReason ?? '';
  }

  set keepReason(reason: string) {
    if (reason !== this.keepReason) this.rares().keepReason = reason;
  }

  /** Attributes, events and links over the limits: counted, not kept. */
  get droppedAttributes(): number {
    return this.rare?.dropped.attributes ?? 0;
  }

  get droppedEvents(): number {
    return this.rare?.dropped.events ?? 0;
  }

  get droppedLinks(): number {
    return this.rare?.dropped.links ?? 0;
  }

  /** Filled when the span ends, by who keeps content out of the attributes. */
  get content(): readonly ContentItem[] | undefined {
    return this.rare?.content;
  }

  set content(items: readonly ContentItem[] | undefined) {
    this.rares().content = items;
  }

  spanContext(): SpanContext {
    const { traceId, spanId, traceFlags, traceState } = this;
    return traceState ? { traceId, spanId, traceFlags, traceState } : { traceId, spanId, traceFlags };
  }

  isRecording(): boolean {
    return this.endSeconds === RUNNING;
  }

  setAttribute(key: string, value: AttributeValue): this {
    if (this.endSeconds !== RUNNING || value === undefined || value === null) return this;
    if (typeof key !== 'string' || key === '') return this;
    const { limits } = this.tracer;
    const clean = cleanValue(key, value, limits.attributeValueBytes);
    if (clean === undefined) return this;
    if (this.sharesAttributes) {
      this.attributes = { ...this.attributes };
      this.sharesAttributes = false;
    }
    if (!Object.hasOwn(this.attributes, key) && Object.keys(this.attributes).length >= limits.attributeCount) {
      this.drop('attributes');
    } else {
      this.attributes[key] = clean;
    }
    return this;
  }

  setAttributes(attributes: Attributes): this {
    for (const key in attributes) if (Object.hasOwn(attributes, key)) this.setAttribute(key, attributes[key]!);
    return this;
  }

  addEvent(name: string, attributesOrTime?: Attributes | TimeInput, time?: TimeInput): this {
    if (this.endSeconds !== RUNNING) return this;
    const { limits } = this.tracer;
    if (limits.eventCount === 0) {
      this.drop('events');
      return this;
    }
    const timed = isTimeInput(attributesOrTime);
    const at = isTimeInput(time) ? time : timed ? attributesOrTime : undefined;
    const event: SpanEvent = {
      name: cleanName(name, limits),
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
    if (this.endSeconds !== RUNNING) return this;
    const { limits } = this.tracer;
    const all = [...this.links, ...cleanLinks(links, limits)];
    const over = Math.max(0, all.length - limits.linkCount);
    if (over > 0) this.drop('links', over);
    this.links = all.slice(over);
    return this;
  }

  setStatus(status: SpanStatus): this {
    if (this.endSeconds !== RUNNING || this.status.code === SpanStatusCode.OK) return this;
    // whatever else an untyped caller passes says nothing
    const code = status?.code;
    if (code === SpanStatusCode.OK) this.status = { code };
    if (code === SpanStatusCode.ERROR) {
      const { message } = status;
      const { attributeValueBytes } = this.tracer.limits;
      this.status = typeof message === 'string' ? { code, message: cut(message, attributeValueBytes) } : { code };
    }
    return this;
  }

  updateName(name: string): this {
    if (this.endSeconds === RUNNING) this.name = cleanName(name, this.tracer.limits);
    return this;
  }

  recordException(exception: Exception, time?: TimeInput): void {
    const attributes = exceptionAttributes(exception);
    if (Object.keys(attributes).length > 0) this.addEvent('exception', attributes, time);
  }

  end(time?: TimeInput): void {
    if (this.endSeconds !== RUNNING) return;
    const end = Math.max(this.startTime, time === undefined ? now() : fromTimeInput(time));
    this.endSeconds = Math.floor(end / NS_PER_SECOND);
    this.endNs = end - this.endSeconds * NS_PER_SECOND;
    this.tracer.recorder.onEnd(this);
  }

  /** Counts what is over a limit. */
  drop(what: 'attributes' | 'events' | 'links', count = 1): void {
    this.rares().dropped[what] += count;
  }

  private rares(): Rare {
    return (this.rare ??= new Rare());
  }
}
