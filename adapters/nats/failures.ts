import type { Span } from '@opentelemetry/api';
import { recordError } from '../../src/index.js';

/** How the two generations of the client name the failures that have a name of their own here. */
const BY_NAME: Record<string, string> = {
  TimeoutError: 'timeout',
  NoResponders: 'no_responders',
  NoRespondersError: 'no_responders',
  ClosedConnectionError: 'connection_closed',
  DrainingConnectionError: 'connection_draining',
  PermissionViolationError: 'permission_violation',
};
const BY_CODE: Record<string, string> = {
  TIMEOUT: 'timeout',
  '503': 'no_responders',
  CONNECTION_CLOSED: 'connection_closed',
  CONNECTION_DRAINING: 'connection_draining',
  PERMISSIONS_VIOLATION: 'permission_violation',
  MAX_PAYLOAD_EXCEEDED: 'max_payload_exceeded',
};

function typeOf(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined;
  const { code } = error as Error & { code?: string };
  if (/max_payload/i.test(error.message)) return 'max_payload_exceeded';
  if (error.name === 'RequestError' && error.message === 'connection closed') return 'connection_closed';
  // version 3 wraps what happened into a RequestError
  return BY_NAME[error.name] ?? (code === undefined ? undefined : BY_CODE[code]) ?? typeOf(error.cause);
}

/**
 * Marks a span as failed, by the failure's name in NATS where it has one.
 * @param isClosed whether the connection is: version 2 then calls it a timeout that a request got no answer
 */
export function recordFailure(span: Span, error: unknown, isClosed = false): void {
  const type = typeOf(error);
  recordError(span, error, isClosed && type === 'timeout' ? 'connection_closed' : type);
}
