import { keepHub } from '../../src/index.js';
import type { RedisLike } from './types.js';

interface Subscriber extends RedisLike {
  subscribe(channel: string): Promise<unknown>;
  readonly stream?: { unref?(): void };
}

/**
 * Lets the process's keeps out on a control channel, and those of others in, until the client ends. Listening needs a
 * connection of its own, which opens when the client's is ready, and never keeps a process alive.
 */
export function carryKeeps(client: RedisLike, channel: string): void {
  const hub = keepHub();
  const send = (message: Uint8Array): void => {
    client.call('PUBLISH', channel, Buffer.from(message)).catch(() => {});
  };
  let subscriber: Subscriber | undefined;
  let remove: (() => void) | undefined;

  function listen(): void {
    if (subscriber) return hub.reconnected();
    subscriber = client.duplicate() as Subscriber;
    // the client itself reports that the server is away
    subscriber.on('error', () => {});
    subscriber.on('messageBuffer', (_channel: Buffer, message: Buffer) => hub.receive(message));
    subscriber.on('ready', () => subscriber?.stream?.unref?.());
    subscriber.subscribe(channel).catch(() => {});
    remove = hub.addChannel({ send });
  }

  client.on('ready', listen);
  client.on('end', () => {
    remove?.();
    subscriber?.disconnect();
    subscriber = undefined;
  });
  if ((client as { status?: string }).status === 'ready') listen();
}
