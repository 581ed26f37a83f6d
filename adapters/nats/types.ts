/**
 * The parts of a NATS client that the adapter touches: the same in `@nats-io/transport-node` 3 and in `nats` 2, so that
 * neither is imported, and either can be wrapped.
 */
export type Payload = Uint8Array | string;

export interface NatsHeaders extends Iterable<[string, string[]]> {
  encode?(): Uint8Array;
}

export interface NatsPublishOptions {
  reply?: string;
  headers?: NatsHeaders;
}

export interface NatsMessage {
  readonly subject: string;
  readonly reply?: string;
  readonly data: Uint8Array;
  readonly headers?: { values(key: string): string[]; keys(): string[] };
}

export type NatsCallback = (error: Error | null, message: NatsMessage) => unknown;

export interface NatsSubscription extends AsyncIterable<NatsMessage> {
  getSubject(): string;
}

export interface NatsSubscribeOptions {
  queue?: string;
  callback?: NatsCallback;
}

export interface NatsConnectionLike {
  publish(subject: string, payload?: Payload, options?: NatsPublishOptions): void;
  subscribe(subject: string, options?: NatsSubscribeOptions): NatsSubscription;
  request(subject: string, payload?: Payload, options?: { headers?: NatsHeaders }): Promise<NatsMessage>;
  getServer(): string;
  readonly info?: { client_id?: number };
}
