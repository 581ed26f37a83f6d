import type { Span } from '@opentelemetry/api';
import { recordError } from '../../src/index.js';

const BY_MESSAGE: readonly (readonly [RegExp, string])[] = [
  [/^Connection is closed|aborted due to connection close|^None of startup nodes/, 'connection_closed'],
  [/^Command timed out/, 'timeout'],
  [/^Connection in subscriber mode/, 'subscriber_mode'],
  [/^Stream isn't writeable/, 'not_connected'],
];

/** `WRONGTYPE Operation against…`: the server names its errors by their first word. */
const REPLY_CODE = /^([A-Z][A-Z0-9]{2,})\b/;

function typeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  if (error.name === 'ReplyError') return REPLY_CODE.exec(error.message)?.[1];
  return BY_MESSAGE.find(([pattern]) => pattern.test(error.message))?.[1];
}

/** Marks a span as failed, by the failure's name in Redis where it has one. */
export function recordFailure(span: Span, error: unknown): void {
  recordError(span, error, typeOf(error));
}
