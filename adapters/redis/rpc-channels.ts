import { randomBytes } from 'node:crypto';
import { RPC_ID, RPC_REPLY_TO, type IncomingRequest, type RpcHeaders, type RpcTransport } from '../../src/index.js';
import { serverAttributes } from './destination.js';
import { encodeEnvelope } from './envelope-writer.js';
import { decodeEnvelope } from './envelope.js';
import type { RedisLike } from './types.js';

type OnMessage = (payload: Buffer) => void;

/** Channels that one connection of ours listens to. It is opened when the first one is wanted. */
export class Listening {
  private readonly handlers = new Map<string, Set<OnMessage>>();
  private connection: RedisLike | undefined;

  constructor(
    private readonly client: RedisLike,
    private readonly sharded: boolean,
  ) {}

  /** @returns what ends it */
  async on(channel: string, handler: OnMessage): Promise<() => Promise<void>> {
    this.connection ??= this.connect();
    const handlers = this.handlers.get(channel) ?? new Set();
    this.handlers.set(channel, handlers.add(handler));
    if (handlers.size === 1) await this.command('subscribe', channel);
    return async () => {
      handlers.delete(handler);
      if (handlers.size > 0) return;
      this.handlers.delete(channel);
      // a connection that is gone listens to nothing
      await this.command('unsubscribe', channel).catch(() => {});
    };
  }

  close(): void {
    this.connection?.disconnect();
    this.connection = undefined;
  }

  private async command(verb: 'subscribe' | 'unsubscribe', channel: string): Promise<void> {
    const connection = this.connection as unknown as Record<string, (name: string) => Promise<unknown>> | undefined;
    await connection?.[this.sharded ? `s${verb}` : verb]!(channel);
  }

  private connect(): RedisLike {
    const connection = this.client.duplicate();
    // the client itself reports that the server is away; without a listener this one would print it as well
    connection.on('error', () => {});
    connection.on(this.sharded ? 'smessageBuffer' : 'messageBuffer', (channel: Buffer, payload: Buffer) => {
      for (const handler of this.handlers.get(channel.toString()) ?? []) handler(payload);
    });
    return connection;
  }
}

const NO_HEADERS = (): undefined => undefined;

/** Headers and data of a payload, enveloped or not. */
function open(payload: Buffer) {
  const envelope = decodeEnvelope(payload);
  return envelope
    ? { header: (name: string) => envelope.get(name), data: envelope.payload }
    : { header: NO_HEADERS, data: payload };
}

/** Replies to this client: a channel of its own, the request's id in the envelope. */
export class ReplyChannel {
  readonly name = `spanbus:reply:${randomBytes(12).toString('base64url')}`;

  constructor(private readonly listening: Listening) {}

  async open(onReply: Parameters<RpcTransport['openReplies']>[0]): Promise<void> {
    await this.listening.on(this.name, (payload) => {
      const { header, data } = open(payload);
      const id = header(RPC_ID);
      onReply({ id: typeof id === 'string' ? id : undefined, header, data });
    });
  }
}

/** The way back to whoever sent a request; undefined when it did not ask for an answer. */
export function replyTo(
  client: RedisLike,
  command: string,
  channel: string | string[] | undefined,
): IncomingRequest['reply'] {
  // only reply channels: a stranger's request must not make us publish where it likes
  if (typeof channel !== 'string' || !channel.startsWith('spanbus:reply:')) return undefined;
  return async (headers, data) => void (await client.call(command, channel, encodeEnvelope(headers, data)));
}

/** Requests as messages on channels. */
export function channelTransport(client: RedisLike, sharded: boolean): RpcTransport {
  const publish = sharded ? 'SPUBLISH' : 'PUBLISH';
  const listening = new Listening(client, sharded);
  const replies = new ReplyChannel(listening);
  // the nodes of a cluster count their own subscribers only
  const counts = sharded || client.isCluster !== true;
  return {
    system: 'redis',
    attributes: serverAttributes(client),
    openReplies: (onReply) => replies.open(onReply),
    async send(destination, _id, headers: RpcHeaders, data) {
      headers[RPC_REPLY_TO] = replies.name;
      const receivers = await client.call(publish, destination, encodeEnvelope(headers, data));
      return counts ? Number(receivers) : undefined;
    },
    listen(destination, onRequest) {
      return listening.on(destination, (payload) => {
        const { header, data } = open(payload);
        const reply = replyTo(client, publish, header(RPC_REPLY_TO));
        void onRequest({ header, data, ...(reply && { reply }) });
      });
    },
    async close() {
      listening.close();
    },
  };
}
