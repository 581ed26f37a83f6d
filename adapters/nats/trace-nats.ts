import { tracedCallback } from './callback.js';
import { ConnectionTracing } from './connection-tracing.js';
import type { DeliverySubscription } from './delivery.js';
import { facade } from './facade.js';
import { JetStreamTracing } from './jetstream-tracing.js';
import { carryKeeps } from './keeps.js';
import { KEEP_SUBJECT, type TraceNatsOptions } from './options.js';
import { patchQueuedIterator, watchSubscription } from './queued-iterators.js';
import { isWildcard, Receiver } from './receiver.js';
import { Sender } from './sender.js';
import { spareSpentRequests } from './spent-requests.js';
import { TracedIterator } from './traced-iterator.js';
import type { NatsConnectionLike, NatsSubscribeOptions } from './types.js';

/** The traced front of every connection that has one, and of each front itself: twice would be two spans for each message. */
const fronts = new WeakMap<object, object>();

/**
 * The same connection with every publish, request and handled message traced, across processes; also through the
 * JetStream clients and services that are made from it.
 *
 * @example
 * const nc = traceNats(await connect({ servers }));
 * const js = jetstream(nc);
 *
 * A connection has one front: called again, also with other options, it returns the same.
 *
 * @throws InvalidOptionError for patterns in `include` or `exclude` that are none
 */
export function traceNats<T extends object>(connection: T, options: TraceNatsOptions = {}): T {
  const known = fronts.get(connection);
  if (known) return known as T;
  const nc = connection as unknown as NatsConnectionLike;
  const tracing = new ConnectionTracing(nc, options);
  const jetStream = new JetStreamTracing(tracing);
  const sender = new Sender(nc, tracing, (reply) => jetStream.unacked.learn(reply));
  /** Services announce themselves before they add endpoints: from then on, a subscription in a group may be theirs. */
  let hasService = false;

  function subscribe(subject: string, given: NatsSubscribeOptions = {}) {
    if (typeof subject === 'string' && subject.startsWith('$SRV.')) hasService = true;
    const { callback, queue = '' } = given;
    const isService = hasService && callback !== undefined && queue !== '';
    // what a wildcard lets in is decided message by message
    const receiver =
      isWildcard(subject) || tracing.isTraced(subject) ? new Receiver(tracing, subject, queue, isService) : undefined;
    const delivery: DeliverySubscription = { jetStream, group: queue, isQueued: false };
    if (callback) {
      const subscription = nc.subscribe(subject, { ...given, callback: tracedCallback(receiver, delivery, callback) });
      watchSubscription(subscription);
      return subscription;
    }
    const subscription = nc.subscribe(subject, given);
    if (receiver) {
      const iterate = subscription[Symbol.asyncIterator].bind(subscription);
      subscription[Symbol.asyncIterator] = () =>
        new TracedIterator(
          iterate(),
          (message) => receiver.start(message),
          (error) => receiver.failed(error),
        );
    }
    return subscription;
  }

  const front = facade(connection, {
    publish: sender.publish.bind(sender),
    publishMessage: sender.publishMessage.bind(sender),
    respondMessage: sender.respondMessage.bind(sender),
    requestMany: sender.requestMany.bind(sender),
    request: sender.request.bind(sender),
    subscribe,
  } as unknown as Partial<Record<keyof T, unknown>>);
  fronts.set(connection, front).set(front, front);
  const { keepSubject = KEEP_SUBJECT } = options;
  const onRefused = keepSubject === false ? () => undefined : carryKeeps(nc, keepSubject);
  adoptMakers(front, connection);
  spareSpentRequests(connection);
  const events = nc.status();
  patchQueuedIterator(events);
  void sender.refusals.watch(events, onRefused);
  return front;
}

/** What a connection of `nats` 2 makes out of itself: its JetStream clients and services, here out of the traced one. */
function adoptMakers(front: object, connection: object): void {
  const makers = connection as Record<string, unknown> & { services?: { constructor: new (nc: object) => object } };
  for (const name of ['jetstream', 'jetstreamManager']) {
    const maker = makers[name];
    if (typeof maker === 'function') {
      Object.defineProperty(front, name, { configurable: true, writable: true, value: maker.bind(front) as unknown });
    }
  }
  if (makers.services) {
    const Factory = makers.services.constructor;
    Object.defineProperty(front, 'services', { configurable: true, enumerable: false, value: new Factory(front) });
  }
}
