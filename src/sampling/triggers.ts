import { SpanStatusCode } from '@opentelemetry/api';
import { tokensOf } from '../trace/token-counts.js';
import type { EndedSpan } from '../trace/ended-span.js';

/** What makes a trace worth keeping whole. */
export interface KeepRules {
  /** Status Error, which exceptions, timeouts and requests that nobody answers have. @default true */
  errors: boolean;
  /** A span longer than this, ms. @default never */
  slowerThanMs: number;
  /** A span that used more tokens, input and output together. @default never */
  moreTokensThan: number;
}

/** Named errors of requests are reasons of their own: who looks for timeouts finds them without reading spans. */
const NAMED = new Set(['timeout', 'no_responders']);

/** Why an ended span has its trace kept: `error`, `timeout`, `no_responders`, `slow`, `tokens`, the user's own, or ''. */
export function triggerOf(span: EndedSpan, rules: KeepRules): string {
  if (span.keepReason !== '') return span.keepReason;
  if (rules.errors && span.status.code === SpanStatusCode.ERROR) {
    const type = span.attributes['error.type'];
    return typeof type === 'string' && NAMED.has(type) ? type : 'error';
  }
  if (span.endTime - span.startTime > rules.slowerThanMs * 1e6) return 'slow';
  if (rules.moreTokensThan < Infinity) {
    if (tokensOf(span.attributes) > rules.moreTokensThan) return 'tokens';
  }
  return '';
}
