import type { Attributes, AttributeValue } from '@opentelemetry/api';
import { redactSecrets } from './secrets.js';

/**
 * Changes or drops a value before it is queued: gets every captured prompt, reply, tool argument and body, and every text in the
 * attributes, events and errors of a span.
 *
 * @returns the text to store, or undefined to store nothing
 */
export type Redact = (key: string, value: string) => string | undefined;

export interface RedactionOptions {
  redact: Redact | undefined;
  /** Whether what looks like a secret is replaced. */
  secrets: boolean;
}

const FAILED = '[redact failed]';
const WARN_EVERY_MS = 60_000;

/** The user's redaction, then ours: what the user's code puts in has no secrets either. Never throws. */
export class Redaction {
  private warnedAt = -Infinity;

  constructor(private readonly options: RedactionOptions) {}

  /** @returns undefined when nothing of it is to be stored */
  text(key: string, value: string): string | undefined {
    const mine = this.options.redact ? this.byUser(this.options.redact, key, value) : value;
    return mine === undefined || !this.options.secrets ? mine : redactSecrets(mine);
  }

  value(key: string, value: AttributeValue | undefined): AttributeValue | undefined {
    if (typeof value === 'string') return this.text(key, value);
    if (!Array.isArray(value)) return value;
    let changed = false;
    const items = (value as unknown[]).map((item) => {
      if (typeof item !== 'string') return item;
      const text = this.text(key, item) ?? '';
      changed ||= text !== item;
      return text;
    });
    return changed ? (items as string[]) : value;
  }

  /** Redacted attributes; the same object when nothing had to change. */
  attributes(attributes: Attributes): Attributes {
    let own: Attributes | undefined;
    for (const key in attributes) {
      const before = attributes[key];
      const after = this.value(key, before);
      if (after === before) continue;
      own ??= { ...attributes };
      if (after === undefined) delete own[key];
      else own[key] = after;
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
