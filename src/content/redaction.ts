import { SpanStatusCode, type Attributes, type AttributeValue } from '@opentelemetry/api';
import type { ContentItem, EndedSpan, SpanEvent } from '../trace/ended-span.js';
import { SpanbusSpan } from '../trace/span.js';
import { MARGIN } from './content-recorder.js';
import { cutText } from './cut-text.js';
import { factsOf, redactSecrets } from './secrets.js';

/**
 * Changes or drops a value before it is queued: gets every captured prompt, reply, tool argument and body, and every text in the
 * name, attributes, events and errors of a span. A text over the limit comes as its beginning.
 *
 * @returns the text to store, or undefined to store nothing
 */
export type Redact = (key: string, value: string) => string | undefined;

export interface RedactionOptions {
  redact: Redact | undefined;
  /** Whether what looks like a secret is replaced. */
  secrets: boolean;
  /** Longest stored content, bytes of UTF-8. */
  maxContentBytes: number;
}

const FAILED = '[redact failed]';
const REDACTED = '[redacted]';
const WARN_EVERY_MS = 60_000;
const MAX_NAMES = 1_000;
const STACK = 'exception.stacktrace';
const MAX_STACKS = 64;
/** Longer ones, which no span has by default, are not remembered. */
const MAX_STACK_LENGTH = 16_385;

/**
 * Redacts spans that are about to be queued: by the user's function, then by ours, so that what the user's code puts in has no
 * secrets either. Spans that are never stored are never looked at. Never throws.
 */
export class Redaction {
  private warnedAt = -Infinity;
  /** Names as our own patterns leave them: most spans have one of a few, and eight patterns cost more than the span. */
  private readonly names = new Map<string, string>();
  /** The same of stacks: when a connection is lost, thousands of spans fail in the same few places. */
  private readonly stacks = new Map<string, string>();

  constructor(private readonly options: RedactionOptions) {}

  /** Redacts what is stored of a span. */
  span(span: EndedSpan): void {
    const { redact, secrets } = this.options;
    if (!redact && !secrets) return this.cutContent(span);
    if (!redact && span.sharesAttributes && span instanceof SpanbusSpan && span.isPlain) {
      span.name = this.name(span.name);
      return;
    }
    span.name = redact ? (this.text('span.name', span.name) ?? '') : this.name(span.name);
    // what our own patterns find is looked for before attributes are shared
    if (redact || !span.sharesAttributes) this.setAttributes(span);
    if (span.events.length > 0) span.events = span.events.map((event) => this.event(event));
    if (span.links.some((link) => link.attributes)) {
      span.links = span.links.map(({ context, attributes }) =>
        attributes ? { context, attributes: this.attributes(attributes) } : { context },
      );
    }
    const { code, message } = span.status;
    if (code === SpanStatusCode.ERROR && message !== undefined) {
      span.status = { code, message: this.text('status.message', message) ?? '' };
    }
    this.cutContent(span);
  }

  private setAttributes(span: EndedSpan): void {
    const redacted = this.attributes(span.attributes);
    if (redacted === span.attributes) return;
    span.attributes = redacted;
    span.sharesAttributes = false;
  }

  private name(name: string): string {
    return remembered(this.names, MAX_NAMES, name);
  }

  /** @returns undefined when nothing of it is to be stored */
  text(key: string, value: string): string | undefined {
    const mine = this.options.redact ? this.byUser(this.options.redact, key, value) : value;
    if (mine === undefined || mine === '' || !this.options.secrets) return mine;
    if (key === STACK && mine.length <= MAX_STACK_LENGTH) return remembered(this.stacks, MAX_STACKS, mine);
    return factsOf(key).hidesText ? REDACTED : redactSecrets(mine);
  }

  private event(event: SpanEvent): SpanEvent {
    const attributes = this.attributes(event.attributes);
    const name = this.text('event.name', event.name) ?? '';
    return attributes === event.attributes && name === event.name ? event : { ...event, name, attributes };
  }

  private cutContent(span: EndedSpan): void {
    if (!span.content) return;
    const items: ContentItem[] = [];
    for (const { key, value, bytes } of span.content) {
      const redacted = this.text(key, value);
      if (redacted === undefined) continue;
      // what was too long to be kept whole may end in half a secret: its last part goes in any case
      const whole = bytes === undefined ? redacted : redacted.slice(0, Math.max(0, redacted.length - MARGIN));
      items.push({ key: this.key(key), value: cutText(whole, this.options.maxContentBytes, bytes) });
    }
    span.content = items;
  }

  private value(key: string, value: AttributeValue | undefined): AttributeValue | undefined {
    if (typeof value === 'string') return this.text(key, value);
    const isHidden = this.options.secrets && factsOf(key).hidesNumber;
    if (typeof value === 'number') return isHidden ? REDACTED : value;
    if (!Array.isArray(value)) return value;
    if (isHidden && (value as unknown[]).some((item) => typeof item === 'number')) return REDACTED;
    let changed = false;
    const items = (value as unknown[]).map((item) => {
      if (typeof item !== 'string') return item;
      const text = this.text(key, item) ?? '';
      changed ||= text !== item;
      return text;
    });
    return changed ? (items as string[]) : value;
  }

  private key(key: string): string {
    return this.options.secrets ? factsOf(key).name : key;
  }

  /** Redacted attributes; the same object when nothing had to change. */
  private attributes(attributes: Attributes): Attributes {
    let own: Attributes | undefined;
    for (const key in attributes) {
      const before = attributes[key];
      const after = this.value(key, before);
      const name = this.key(key);
      if (after === before && name === key) continue;
      own ??= { ...attributes };
      if (after === undefined || name !== key) delete own[key];
      if (after !== undefined) own[name] = after;
    }
    return own ?? attributes;
  }

  private byUser(redact: Redact, key: string, value: string): string | undefined {
    try {
      const text: unknown = redact(key, value);
      return typeof text === 'string' ? text : undefined;
    } catch (error) {
      if (Date.now() - this.warnedAt >= WARN_EVERY_MS) {
        this.warnedAt = Date.now();
        process.emitWarning(`capture.redact failed, its values are not stored: ${String(error)}`, {
          type: 'SpanbusWarning',
        });
      }
      return FAILED;
    }
  }
}

/** A text as our own patterns leave it, looked up where it was seen before. */
function remembered(known: Map<string, string>, max: number, text: string): string {
  let redacted = known.get(text);
  if (redacted === undefined) {
    redacted = redactSecrets(text);
    if (known.size >= max) known.clear();
    known.set(text, redacted);
  }
  return redacted;
}
