import { context, trace, type Span } from '@opentelemetry/api';
import { recordFailure } from './failures.js';
import { deliveryOf } from './delivery.js';
import { IncomingHeaders } from './incoming-headers.js';
import { senderOf } from './receiver.js';
import type { LoopObserver } from './traced-iterator.js';

/**
 * The span of a fetched batch: from the start of its loop to the end, linked to every message's sender. A batch without
 * messages has none.
 */
export class BatchSpan implements LoopObserver<unknown> {
  private readonly begun = performance.now();
  private readonly active = context.active();
  private span: Span | undefined;
  private count = 0;

  took(item: unknown): void {
    const delivery = deliveryOf(item);
    if (!delivery) return;
    this.count++;
    this.span ??= this.start(delivery);
    const sender = trace.getSpanContext(senderOf(new IncomingHeaders(delivery.message)));
    if (sender) this.span.addLink({ context: sender });
  }

  left(): void {
    this.span?.setAttribute('messaging.batch.message_count', this.count);
    this.span?.end();
    this.span = undefined;
  }

  failed(error: unknown): void {
    if (this.span) recordFailure(this.span, error);
  }

  private start({ subscription, destination, info }: NonNullable<ReturnType<typeof deliveryOf>>): Span {
    const { tracing } = subscription.jetStream;
    const { name, options } = subscription.jetStream.batch(destination.subject);
    const attributes = {
      ...options.attributes,
      'messaging.nats.stream.name': info.stream,
      'messaging.nats.consumer.name': info.consumer,
    };
    const span = tracing.tracer.startSpan(name, { ...options, attributes, startTime: this.begun }, this.active);
    tracing.announce(span, 'receive', destination.subject);
    return span;
  }
}
