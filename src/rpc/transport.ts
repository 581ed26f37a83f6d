import type { Attributes } from '@opentelemetry/api';
import type { GetHeader, RpcHeaders } from './headers.js';
import type { RespondOptions } from './rpc.js';

/** A message with headers, as it comes off a bus. */
export interface Incoming {
  readonly header: GetHeader;
  readonly data: Uint8Array;
}

/** A reply off the bus; `id` is the request's. */
export interface IncomingReply extends Incoming {
  readonly id: string | undefined;
  /** The bus says so itself that nobody got the request. */
  readonly nobody?: boolean;
}

/** A request off the bus. */
export interface IncomingRequest extends Incoming {
  /** Missing when nobody waits for a reply. */
  readonly reply?: (headers: RpcHeaders, data: Uint8Array) => Promise<void> | void;
  /** Time since it was sent, by the bus's own clock, ms; on buses that queue requests. */
  readonly ageMs?: number;
}

/** What an adapter gives so that `createRpc` makes an `Rpc` of its bus. It makes no spans and writes no headers of its own. */
export interface RpcTransport {
  /** `messaging.system` and `rpc.system.name`. */
  readonly system: string;
  /** Of every span, like the server's address. */
  readonly attributes: Attributes;
  /** Has replies brought to `onReply` from when it resolves; called once, before the first request. */
  openReplies(onReply: (reply: IncomingReply) => void): Promise<void>;
  /** Sends a request. @returns how many got it, undefined when the bus does not know */
  send(destination: string, id: string, headers: RpcHeaders, data: Uint8Array): Promise<number | undefined>;
  /** Has requests brought to `onRequest` from when it resolves. @returns what ends it: then no more are brought */
  listen(
    destination: string,
    onRequest: (request: IncomingRequest) => Promise<void>,
    options: RespondOptions,
  ): Promise<() => Promise<void>>;
  close(): Promise<void>;
}
