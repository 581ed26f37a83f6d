/**
 * Requests with replies, the same on every bus: an agent changes its bus by changing how its `Rpc` is made.
 */
export interface Rpc {
  /**
   * Sends a request and resolves with the reply's bytes (of many replies, the first).
   *
   * @throws NoRespondersError at once when the bus knows that nobody listens, RequestTimeoutError when no reply came in time,
   * RemoteError with what the responder threw, the signal's reason when it is aborted
   */
  request(destination: string, data: RpcData, options?: RequestOptions): Promise<Uint8Array>;
  /** The same for responders that reply many times; ends when the responder has. Throws as `request`, also between replies. */
  requestMany(destination: string, data: RpcData, options?: RequestOptions): AsyncIterableIterator<Uint8Array>;
  /** Answers requests, each in its own span, from when this resolves until `stop()`. */
  respond(destination: string, handler: RequestHandler, options?: RespondOptions): Promise<Responder>;
  stats(): RpcStats;
  /** Stops all responders and fails requests that still wait. The connection stays the user's. */
  close(): Promise<void>;
}

/** A string is sent as its UTF-8 bytes. */
export type RpcData = string | Uint8Array;

export interface RequestOptions {
  /** How long to wait for all of the answer, ms. The responder is told. @default 1000 */
  timeoutMs?: number;
  /** Stops waiting; the responder's answer is then counted as late. */
  signal?: AbortSignal;
}

export interface RespondOptions {
  /** Responders of one group share the requests, where the bus has groups. Without: each gets all (streams: the default group) */
  group?: string;
  /** How many requests are handled at once. @default unlimited; on streams 16 */
  concurrency?: number;
}

/** A request as its responder sees it. */
export interface RpcRequest {
  readonly destination: string;
  readonly data: Uint8Array;
  /** The data as UTF-8. */
  text(): string;
  /** What is left of the caller's time, ms; Infinity when the caller set no limit. */
  remainingMs(): number;
  /** Aborted when the caller's time is up. */
  readonly signal: AbortSignal;
}

/** What it returns is the reply: bytes, a string, nothing, or many of them one after the other. What it throws, too. */
export type RequestHandler = (
  request: RpcRequest,
) => RpcData | undefined | void | AsyncIterable<RpcData> | Promise<RpcData | undefined | void | AsyncIterable<RpcData>>;

export interface Responder {
  /** Takes no more requests, and resolves when those at hand are answered. */
  stop(): Promise<void>;
}

export interface RpcStats {
  /** Replies that came after their request had ended: timed out, cancelled, or answered by another. */
  lateReplies: number;
  /** Requests that were not handled because their caller's time was up when they came off the queue. */
  expiredRequests: number;
}
