import type { Attributes } from '@opentelemetry/api';
import type { ContentItem, EndedSpan, SpanEvent } from '../trace/ended-span.js';
import type { KeptSpan, SpanRecorder } from '../trace/tracer.js';
import { isContentKey, isEventContentKey } from './content-keys.js';

export interface ContentOptions {
  /** Whether prompts, replies, tool arguments and results are stored, in a table of their own. */
  content: boolean;
  /** Longest stored content, bytes of UTF-8. */
  maxContentBytes: number;
}

/** Items of one span; a span with more has a message per attribute and no end of them. */
const MAX_ITEMS = 256;
/** Kept beyond the cut, characters, so that a secret which the cut would halve is seen whole. */
export const MARGIN = 4096;

/**
 * Takes prompts, replies, tool arguments and results out of every ended span, whoever set them: they are dropped, or go with the
 * span to a table of their own. A span that shares its attributes with others, as those of bus hops do, passes untouched.
 */
export class ContentRecorder implements SpanRecorder {
  constructor(
    private readonly next: SpanRecorder,
    private readonly options: ContentOptions,
  ) {}

  onEnd(span: EndedSpan): void {
    if (!span.sharesAttributes || span.events.length > 0 || span.links.length > 0) this.take(span);
    this.next.onEnd(span);
  }

  keep(span: KeptSpan, reason: string): void {
    this.next.keep(span, reason);
  }

  private take(span: EndedSpan): void {
    const items: ContentItem[] = [];
    if (!span.sharesAttributes) span.attributes = this.rest(span.attributes, isContentKey, '', items);
    if (span.events.length > 0) span.events = span.events.map((event) => this.takeEvent(event, items));
    if (span.links.some((link) => link.attributes)) {
      span.links = span.links.map(({ context, attributes }) =>
        attributes ? { context, attributes: this.rest(attributes, isContentKey, 'link', items) } : { context },
      );
    }
    if (items.length > 0) span.content = items;
  }

  private takeEvent(event: SpanEvent, items: ContentItem[]): SpanEvent {
    const isContent = (key: string): boolean => isEventContentKey(event.name, key);
    const attributes = this.rest(event.attributes, isContent, event.name, items);
    return attributes === event.attributes ? event : { ...event, attributes };
  }

  /** Attributes without those that are content; the same object when none is. @param where a bare name comes from */
  private rest(
    attributes: Attributes,
    isContent: (key: string) => boolean,
    where: string,
    items: ContentItem[],
  ): Attributes {
    let found = false;
    for (const key in attributes) if (isContent(key)) found = true;
    if (!found) return attributes;
    const rest: Attributes = {};
    for (const key in attributes) {
      const value = attributes[key];
      if (!isContent(key)) rest[key] = value;
      else if (this.options.content && value !== undefined && items.length < MAX_ITEMS) {
        const text = typeof value === 'string' ? value : JSON.stringify(value);
        // a name such as `content` says little without its event's
        items.push(this.item(where === '' || key.includes('.') ? key : `${where}.${key}`, text));
      }
    }
    return rest;
  }

  private item(key: string, text: string): ContentItem {
    const length = this.options.maxContentBytes + MARGIN;
    if (text.length <= length) return { key, value: text };
    return { key, value: text.slice(0, length), bytes: Buffer.byteLength(text) };
  }
}
