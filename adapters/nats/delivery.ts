import type { Attributes, Span } from '@opentelemetry/api';
import { withSpan } from '../../src/index.js';
import { parseDelivery, type DeliveryInfo } from './delivery-info.js';
import type { Destination } from './destination.js';
import { IncomingHeaders } from './incoming-headers.js';
import type { JetStreamTracing } from './jetstream-tracing.js';
import { Processing, type Handled } from './processing.js';
import { aboutOf } from './publisher.js';
import { relate, senderOf } from './receiver.js';
import { watchSettlement, type Settleable, type Settlement } from './settlement.js';
import type { NatsMessage } from './types.js';

/** What a subscription that JetStream delivers to has shown of itself. */
export interface DeliverySubscription {
  readonly jetStream: JetStreamTracing;
  readonly group: string;
  /** Whether its messages are queued for a loop: then they are handled when the loop takes them, not when they come. */
  isQueued: boolean;
}

/** The delivery that an item of a loop is about: a JetStream client hands out messages of its own around those it got. */
export function deliveryOf(item: unknown): Delivery | undefined {
  const { msg } = (item ?? {}) as { msg?: object };
  const about = msg && aboutOf(msg);
  return about instanceof Delivery ? about : undefined;
}

/** One delivery of a stored message: processed once or, when queued and dropped, never; settled any number of times. */
export class Delivery implements Settleable, Handled {
  /** Set while its callback runs, when the client has put the message into a loop's queue. */
  wasQueued = false;
  processing: Processing | undefined;

  private constructor(
    readonly message: NatsMessage,
    readonly info: DeliveryInfo,
    readonly destination: Destination,
    readonly subscription: DeliverySubscription,
  ) {}

  /** Undefined for messages that are not traced. */
  static open(message: NatsMessage, subscription: DeliverySubscription): Delivery | undefined {
    const info = parseDelivery(message.reply ?? '');
    const destination = info && subscription.jetStream.destination(message.subject, subscription.group);
    if (!destination) return undefined;
    const delivery = new Delivery(message, info, destination, subscription);
    watchSettlement(message, delivery);
    return delivery;
  }

  /** Starts its processing: now the message is in its handler's hands. */
  start(): Processing {
    const { message, info, destination, subscription } = this;
    const { jetStream } = subscription;
    const { tracing } = jetStream;
    const headers = new IncomingHeaders(message);
    const { parent, links = [] } = relate(senderOf(headers), tracing.linksSenders);
    const first = jetStream.redeliveries.firstOf(info);
    if (first) links.push({ context: first, attributes: { 'messaging.nats.link': 'first_delivery' } });
    const span = tracing.tracer.startSpan(
      destination.name,
      { kind: destination.options.kind!, attributes: this.attributes(headers), ...(links.length > 0 && { links }) },
      parent,
    );
    jetStream.redeliveries.remember(info, span.spanContext());
    const answersLater = !jetStream.unacked.has(info.stream, info.consumer);
    this.processing = new Processing(span, withSpan(parent, span), { answersLater });
    tracing.announce(span, 'process', destination.subject, message);
    return this.processing;
  }

  settle(settlement: Settlement): Span {
    const { jetStream } = this.subscription;
    const { name, options } = jetStream.settlement(settlement.operation, this.destination.subject);
    const { streamSequence, stream, consumer } = this.info;
    const attributes: Attributes = {
      ...options.attributes,
      'messaging.nats.stream.name': stream,
      'messaging.nats.consumer.name': consumer,
      'messaging.nats.message.stream_sequence': streamSequence,
      ...(settlement.delayMs !== undefined && { 'messaging.nats.redelivery_delay_ms': settlement.delayMs }),
    };
    const span = jetStream.tracing.tracer.startSpan(name, { ...options, attributes }, this.processing?.context);
    jetStream.tracing.announce(span, 'settle', this.destination.subject, this.message);
    return span;
  }

  settled({ operation, isFinal }: Settlement): void {
    if (operation === 'ack' || operation === 'term') this.subscription.jetStream.redeliveries.forget(this.info);
    if (isFinal) this.processing?.answered();
  }

  private attributes(headers: IncomingHeaders): Attributes {
    const { stream, consumer, streamSequence, count, storedAtMs } = this.info;
    const id = headers.first('Nats-Msg-Id');
    return {
      ...this.destination.options.attributes,
      'messaging.nats.stream.name': stream,
      'messaging.nats.consumer.name': consumer,
      'messaging.nats.message.stream_sequence': streamSequence,
      'messaging.nats.message.delivery_count': count,
      'messaging.nats.message.queue_time_ms': Math.max(0, Math.round(Date.now() - storedAtMs)),
      ...(id !== undefined && { 'messaging.message.id': id }),
    };
  }
}
