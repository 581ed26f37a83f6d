import { randomBytes } from 'node:crypto';
import { createRpc, type IncomingReply, type Rpc, type RpcTransport } from '../../src/index.js';
import { OutgoingHeaders } from './outgoing-headers.js';
import type { NatsConnectionLike, NatsMessage, NatsPublishOptions } from './types.js';

type Connection = NatsConnectionLike & {
  flush(): Promise<void>;
  readonly options?: { inboxPrefix?: string };
};
type Subscription = { unsubscribe(): void; drain(): Promise<void> };

/**
 * A method of the connection itself, past the tracing of a traced one: a traced connection has its methods beside those of its
 * class. Requests make their own spans.
 */
function own<K extends 'publish' | 'subscribe'>(nc: Connection, name: K): NatsConnectionLike[K] {
  const method = (Object.getPrototypeOf(nc) as Partial<Connection>)[name] ?? nc[name];
  return method.bind(nc) as NatsConnectionLike[K];
}

function publishOptions(headers: Record<string, string>, reply?: string): NatsPublishOptions {
  const block = new OutgoingHeaders(undefined);
  for (const [key, value] of Object.entries(headers)) block.set(key, value);
  return {
    headers: block as unknown as NonNullable<NatsPublishOptions['headers']>,
    ...(reply !== undefined && { reply }),
  };
}

function headerOf({ headers }: NatsMessage, name: string): string | string[] | undefined {
  const values = headers?.values(name);
  return values && values.length > 1 ? values : values?.[0];
}

/** The server's own answer to a request that nobody listens to: empty, with status 503. */
const isNobody = (message: NatsMessage): boolean =>
  message.data.length === 0 && (message.headers as { code?: number } | undefined)?.code === 503;

function transport(nc: Connection): RpcTransport {
  const publish = own(nc, 'publish');
  const subscribe = own(nc, 'subscribe');
  const inbox = `${nc.options?.inboxPrefix ?? '_INBOX'}.${randomBytes(12).toString('hex')}`;
  const [host, port] = nc.getServer().split(/:(?=\d+$)/);
  let replies: Subscription | undefined;
  return {
    system: 'nats',
    attributes: { 'server.address': host ?? '', ...(port !== undefined && { 'server.port': Number(port) }) },
    async openReplies(onReply: (reply: IncomingReply) => void) {
      const callback = (error: Error | null, message: NatsMessage): void => {
        if (error) return;
        const header = (name: string) => headerOf(message, name);
        onReply({
          id: message.subject.slice(inbox.length + 1),
          header,
          data: message.data,
          ...(isNobody(message) && { nobody: true }),
        });
      };
      replies = subscribe(`${inbox}.*`, { callback }) as unknown as Subscription;
    },
    async send(destination, id, headers, data) {
      publish(destination, data, publishOptions(headers, `${inbox}.${id}`));
      return undefined;
    },
    async listen(destination, onRequest, { group }) {
      const callback = (error: Error | null, message: NatsMessage): void => {
        if (error) return;
        const { reply } = message;
        void onRequest({
          header: (name) => headerOf(message, name),
          data: message.data,
          ...(reply && { reply: (headers, data) => publish(reply, data, publishOptions(headers)) }),
        });
      };
      const subscription = subscribe(destination, { callback, ...(group !== undefined && { queue: group }) });
      await nc.flush();
      return () => (subscription as unknown as Subscription).drain();
    },
    async close() {
      replies?.unsubscribe();
    },
  };
}

/**
 * Requests with replies over NATS, by the interface that all buses share. Works with a traced connection or a plain one, with
 * responders and callers that use NATS's own requests, and with queue groups.
 *
 * @example
 * const rpc = natsRpc(nc);
 * await rpc.respond('math.double', (request) => String(Number(request.text()) * 2), { group: 'workers' });
 */
export function natsRpc(connection: object): Rpc {
  return createRpc(transport(connection as Connection));
}
