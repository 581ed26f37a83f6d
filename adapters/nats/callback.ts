import { context } from '@opentelemetry/api';
import { Delivery, type DeliverySubscription } from './delivery.js';
import type { Processing } from './processing.js';
import { whileDelivering } from './queued-iterators.js';
import { isDelivery } from './raw-message.js';
import type { Receiver } from './receiver.js';
import type { NatsCallback, NatsMessage } from './types.js';

function invoke(callback: NatsCallback, self: unknown, message: NatsMessage): unknown {
  return callback.call(self, null, message);
}

/** Runs a callback in its message's context. What it throws, fails the span and goes on to the client, as it would have. */
function run(processing: Processing, callback: NatsCallback, self: unknown, message: NatsMessage): unknown {
  try {
    return context.with(processing.context, invoke, undefined, callback, self, message);
  } catch (thrown) {
    processing.fail(thrown);
    throw thrown;
  }
}

/** The span ends with what the callback returns: at once, or when the promise has settled. */
function finish(processing: Processing, result: unknown): unknown {
  if (typeof (result as PromiseLike<unknown> | undefined)?.then !== 'function') {
    processing.returned();
    return result;
  }
  return (result as PromiseLike<unknown>).then(
    (value) => {
      processing.end();
      return value;
    },
    (rejected: unknown) => {
      processing.fail(rejected);
      throw rejected;
    },
  );
}

/**
 * Hands a delivery to the JetStream client, whose callback either runs the user's or queues the message for a loop. Which
 * of the two is learned from the first message: its processing is begun for nothing when it was queued.
 */
function deliver(delivery: Delivery, callback: NatsCallback, self: unknown, message: NatsMessage): unknown {
  const { subscription } = delivery;
  if (subscription.isQueued) return callback.call(self, null, message);
  const processing = delivery.start();
  const result = whileDelivering(delivery, () => run(processing, callback, self, message));
  if (!delivery.wasQueued) return finish(processing, result);
  subscription.isQueued = true;
  return result;
}

/**
 * A subscription's callback that gives every message a span.
 * @param receiver undefined where only JetStream's deliveries are traced: on inboxes
 */
export function tracedCallback(
  receiver: Receiver | undefined,
  subscription: DeliverySubscription,
  callback: NatsCallback,
): NatsCallback {
  return function (this: unknown, error, message) {
    if (error || !message) {
      receiver?.failed(error);
      return callback.call(this, error, message);
    }
    const delivery = isDelivery(message) ? Delivery.open(message, subscription) : undefined;
    if (delivery) return deliver(delivery, callback, this, message);
    const processing = receiver?.start(message);
    if (!processing) return callback.call(this, error, message);
    return finish(processing, run(processing, callback, this, message));
  };
}
