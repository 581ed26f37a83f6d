/**
 * The parts of a NATS client that the adapter touches: the same in `@nats-io/transport-node` 3 and in `nats` 2, so that
 * neither is imported, and either can be wrapped.
 */
export type Payload = Uint8Array | string;

export interface NatsHeaders extends Iterable<[string, string[]]> {
  encode(): Uint8Array;
  keys?(): string[];
  get?(key: string): string;
}

export interface NatsPublishOptions {
  reply?: string;
  headers?: NatsHeaders;
}

export interface NatsRequestOptions extends NatsPublishOptions {
  timeout?: number;
  noMux?: boolean;
}

export interface NatsMessage {
  readonly subject: string;
  readonly reply?: string;
  readonly data: Uint8Array;
  readonly headers?: { values(key: string): string[]; keys(): string[] };
}

/** A message that a caller builds to have it sent. */
export interface NatsOutgoingMessage extends NatsPublishOptions {
  subject: string;
  data?: Payload;
}

export type NatsCallback = (error: Error | null, message: NatsMessage) => unknown;

/** The queue behind every `for await` of the clients: subscriptions, consumers, replies, status events. */
export interface NatsIterator<T> extends AsyncIterable<T> {
  push(item: T | (() => void)): void;
  stop(error?: Error): void;
  readonly iterClosed: Promise<unknown>;
}

export interface NatsSubscription extends AsyncIterable<NatsMessage> {
  getSubject(): string;
}

export interface NatsSubscribeOptions {
  queue?: string;
  callback?: NatsCallback;
}

export interface NatsServerInfo {
  client_id?: number;
  headers?: boolean;
  max_payload?: number;
}

export interface NatsConnectionLike {
  publish(subject: string, payload?: Payload, options?: NatsPublishOptions): void;
  subscribe(subject: string, options?: NatsSubscribeOptions): NatsSubscription;
  request(subject: string, payload?: Payload, options?: NatsRequestOptions): Promise<NatsMessage>;
  requestMany(subject: string, payload?: Payload, options?: NatsRequestOptions): Promise<NatsIterator<NatsMessage>>;
  status(): NatsIterator<unknown>;
  getServer(): string;
  isClosed(): boolean;
  closed(): Promise<unknown>;
  readonly info?: NatsServerInfo;
  readonly options?: { inboxPrefix?: string };
  readonly protocol?: { readonly options?: { noAsyncTraces?: boolean }; readonly publish?: unknown };
}
