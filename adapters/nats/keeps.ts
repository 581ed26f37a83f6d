import { diag } from '@opentelemetry/api';
import { keepHub } from '../../src/index.js';
import type { NatsConnectionLike } from './types.js';

/**
 * Lets the process's keeps out on a connection's control subject, and those of others in, until the connection closes.
 * A connection that cannot (it drains, or has closed) is left alone: keeps also travel in headers and through ClickHouse.
 *
 * @returns to be told of every publish that the server refuses: after the first of ours there is none
 */
export function carryKeeps(nc: NatsConnectionLike, subject: string): (refused: string) => void {
  const hub = keepHub();
  try {
    nc.subscribe(subject, { callback: (error, message) => void (!error && hub.receive(message.data)) });
  } catch {
    return () => undefined;
  }
  const remove = hub.addChannel({ send: (message) => nc.publish(subject, message) });
  void nc.closed().then(remove, remove);
  return (refused) => {
    // each further one would be one more violation in the program's own status events
    if (refused === subject && remove()) {
      diag.warn(
        `spanbus: the NATS server lets nobody here publish on ${subject}; keeps travel in headers and ClickHouse`,
      );
    }
  };
}
