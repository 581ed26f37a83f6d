import { keepHub } from '../../src/index.js';
import type { NatsConnectionLike } from './types.js';

/**
 * Lets the process's keeps out on a connection's control subject, and those of others in, until the connection closes.
 * A connection that cannot (it drains, or has closed) is left alone: keeps also travel in headers and through ClickHouse.
 */
export function carryKeeps(nc: NatsConnectionLike, subject: string): void {
  const hub = keepHub();
  try {
    nc.subscribe(subject, { callback: (error, message) => void (!error && hub.receive(message.data)) });
  } catch {
    return;
  }
  const remove = hub.addChannel({ send: (message) => nc.publish(subject, message) });
  void nc.closed().then(remove, remove);
}
