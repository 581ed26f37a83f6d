import { BatchSpan } from './batch-span.js';
import { deliveryOf, type Delivery } from './delivery.js';
import { TracedIterator } from './traced-iterator.js';
import type { NatsIterator } from './types.js';

/**
 * JetStream clients of version 3 are made by a function that gets the connection: nothing of them passes through a wrapped
 * connection but their subscriptions and requests, so their loops cannot be wrapped from there. All loops of a client are
 * over one class of queue, though. Two of its methods are therefore replaced, once for each copy of a client: `push` tells
 * that a delivery was queued, `iterate` gives the loops that these queues feed their spans. Queues of connections that are
 * not traced take the same path as ever.
 */
interface QueuedIterator<T> extends NatsIterator<T> {
  iterate(): AsyncIterableIterator<T>;
  /** The consumer's own subscription: on the queues of JetStream's consumers. */
  sub?: object;
  /** On `nats` 2: the queue that an ordered consumer is fed from, and the hook of queues filled by `fetch`. */
  src?: QueuedIterator<T>;
  dispatchedFn?: unknown;
  /** False for a `fetch`, which ends; by client generation. */
  isConsume?: boolean;
  refilling?: boolean;
  opts?: { max_messages?: number };
}

const patched = new WeakSet<object>();
const watched = new WeakSet<object>();
let delivering: Delivery | undefined;

/** Runs a client's callback for a delivery, during which its queue says so if it takes the message. */
export function whileDelivering<R>(delivery: Delivery, fn: () => R): R {
  const before = delivering;
  delivering = delivery;
  try {
    return fn();
  } finally {
    delivering = before;
  }
}

/** Remembers a subscription that a traced connection made, so that the queue it feeds is known. */
export function watchSubscription(subscription: object): void {
  watched.add(subscription);
}

function isFed(queue: QueuedIterator<unknown>): boolean {
  const { sub } = queue.src ?? queue;
  if (sub !== undefined) return watched.has(sub);
  return typeof queue.dispatchedFn === 'function' || queue.src !== undefined;
}

/** A batch has an end, and more than one message. */
function isBatch({ isConsume, refilling, dispatchedFn, sub, opts }: QueuedIterator<unknown>): boolean {
  if (opts?.max_messages === 1) return false;
  return isConsume === false || refilling === false || (typeof dispatchedFn === 'function' && sub === undefined);
}

/** Prepares the class of queues that `sample` is of. Does nothing when it is not the one that is known. */
export function patchQueuedIterator(sample: object): void {
  let prototype = Object.getPrototypeOf(sample) as QueuedIterator<unknown> | null;
  while (prototype && !Object.hasOwn(prototype, 'iterate')) {
    prototype = Object.getPrototypeOf(prototype) as QueuedIterator<unknown> | null;
  }
  if (!prototype || patched.has(prototype)) return;
  patched.add(prototype);
  const push: unknown = Reflect.get(prototype, 'push');
  const iterate: unknown = Reflect.get(prototype, 'iterate');
  if (typeof push !== 'function' || typeof iterate !== 'function') return;
  prototype.push = function (this: QueuedIterator<unknown>, item) {
    if (delivering !== undefined && deliveryOf(item) === delivering) delivering.wasQueued = true;
    push.call(this, item);
  };
  prototype.iterate = function (this: QueuedIterator<unknown>) {
    const items = iterate.call(this) as AsyncIterableIterator<unknown>;
    if (!isFed(this)) return items;
    const batch = isBatch(this) ? new BatchSpan() : undefined;
    return new TracedIterator(
      items,
      (item) => deliveryOf(item)?.start(),
      (error) => batch?.failed(error),
      batch,
    );
  };
}
