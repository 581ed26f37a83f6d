import { SpanStatusCode, type Attributes } from '@opentelemetry/api';
import type { ContentItem, EndedSpan, SpanEvent } from '../trace/ended-span.js';
import type { KeptSpan, SpanRecorder } from '../trace/tracer.js';
import { isContentKey, isEventContentKey } from './content-keys.js';
import { cutText } from './cut-text.js';
import { Redaction, type RedactionOptions } from './redaction.js';
import { redactSecrets } from './secrets.js';

export interface CaptureOptions extends RedactionOptions {
  /** Whether prompts, replies, tool arguments and results are stored, in a table of their own. */
  content: boolean;
  /** Longest stored content, bytes of UTF-8. */
  maxContentBytes: number;
}

/** Items of one span; a span with more has a message per attribute and no end of them. */
const MAX_ITEMS = 256;
/** Looked at beyond the cut, characters, so that a secret which the cut would halve is seen whole. */
const MARGIN = 4096;

/**
 * Takes prompts, replies, tool arguments and results out of every ended span, before anything queues it: they are dropped, or go
 * with the span to a table of their own. Redacts what stays. A span that shares its attributes with others and has no events
 * passes at the cost of two checks.
 */
export class ContentRecorder implements SpanRecorder {
  private readonly redaction: Redaction;

  constructor(
    private readonly next: SpanRecorder,
    private readonly options: CaptureOptions,
  ) {
    this.redaction = new Redaction(options);
  }

  onEnd(span: EndedSpan): void {
    if (this.options.secrets) span.name = redactSecrets(span.name);
    const shared = Object.isFrozen(span.attributes) && !this.options.redact;
    if (!shared || span.events.length > 0 || span.status.message !== undefined) this.clean(span, shared);
    if (span.links.length > 0) this.cleanLinks(span);
    this.next.onEnd(span);
  }

  keep(span: KeptSpan, reason: string): void {
    this.next.keep(span, reason);
  }

  private clean(span: EndedSpan, shared: boolean): void {
    const items: ContentItem[] = [];
    if (!shared) span.attributes = this.redaction.attributes(this.take(span.attributes, isContentKey, '', items));
    if (span.events.length > 0) span.events = span.events.map((event) => this.cleanEvent(event, items));
    const { code, message } = span.status;
    if (code === SpanStatusCode.ERROR && message !== undefined) {
      const text = this.redaction.text('status.message', message);
      if (text !== message) span.status = { code, message: text ?? '' };
    }
    if (items.length > 0) span.content = items;
  }

  private cleanEvent(event: SpanEvent, items: ContentItem[]): SpanEvent {
    const isContent = (key: string): boolean => isEventContentKey(event.name, key);
    const rest = this.take(event.attributes, isContent, event.name, items);
    const attributes = this.redaction.attributes(rest);
    return attributes === event.attributes ? event : { ...event, attributes };
  }

  private cleanLinks(span: EndedSpan): void {
    if (span.links.every((link) => link.attributes === undefined)) return;
    span.links = span.links.map(({ context, attributes }) => {
      if (!attributes) return { context };
      return { context, attributes: this.redaction.attributes(this.take(attributes, isContentKey, '', [])) };
    });
  }

  /** Attributes without those that are content; the same object when none is. @param event whose attributes they are */
  private take(
    attributes: Attributes,
    isContent: (key: string) => boolean,
    event: string,
    items: ContentItem[],
  ): Attributes {
    let found = false;
    for (const key in attributes) found ||= isContent(key);
    if (!found) return attributes;
    const rest: Attributes = {};
    for (const key in attributes) {
      const value = attributes[key];
      if (!isContent(key)) rest[key] = value;
      else if (this.options.content && value !== undefined && items.length < MAX_ITEMS) {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        // a name such as `content` says little without its event's
        const item = this.item(event === '' || key.includes('.') ? key : `${event}.${key}`, text);
        if (item) items.push(item);
      }
    }
    return rest;
  }

  private item(key: string, text: string): ContentItem | undefined {
    const { maxContentBytes } = this.options;
    if (text.length <= maxContentBytes + MARGIN) {
      const redacted = this.redaction.text(key, text);
      return redacted === undefined ? undefined : { key, value: cutText(redacted, maxContentBytes) };
    }
    // too long to look through: what comes out of the margin may be half a secret, so it goes in any case
    const redacted = this.redaction.text(key, text.slice(0, maxContentBytes + MARGIN));
    if (redacted === undefined) return undefined;
    const kept = redacted.slice(0, Math.max(0, redacted.length - MARGIN));
    return { key, value: cutText(kept, maxContentBytes, Buffer.byteLength(text)) };
  }
}
