import { SpanbusError } from '../errors.js';

/** Nobody listens where a request was sent. */
export class NoRespondersError extends SpanbusError {
  override readonly name = 'NoRespondersError';
  constructor(destination: string) {
    super('NO_RESPONDERS', `nobody listens on ${destination}`);
  }
}

/** No reply, or not all of it, came in time. */
export class RequestTimeoutError extends SpanbusError {
  override readonly name = 'RequestTimeoutError';
  constructor(destination: string, timeoutMs: number) {
    super('REQUEST_TIMEOUT', `no answer from ${destination} within ${timeoutMs} ms`);
  }
}

/** What a responder threw, at its caller: `name` and `message` are those of the error there. */
export class RemoteError extends SpanbusError {
  override readonly name: string;
  constructor(type: string, message: string) {
    super('REMOTE', message);
    this.name = type;
  }
}

/** The RPC was closed while a request waited. */
export class RpcClosedError extends SpanbusError {
  override readonly name = 'RpcClosedError';
  constructor() {
    super('RPC_CLOSED', 'closed while waiting for a reply');
  }
}

/** Low-cardinality names of failures, for `error.type`; undefined where the error's own name is the name. */
export function failureType(error: unknown): string | undefined {
  if (error instanceof NoRespondersError) return 'no_responders';
  if (error instanceof RequestTimeoutError) return 'timeout';
  if (error instanceof RpcClosedError) return 'connection_closed';
  return error instanceof Error && error.name === 'AbortError' ? 'cancelled' : undefined;
}
