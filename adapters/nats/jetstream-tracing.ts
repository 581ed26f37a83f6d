import { SpanKind, type SpanContext } from '@opentelemetry/api';
import type { ConnectionTracing } from './connection-tracing.js';
import type { DeliveryInfo } from './delivery-info.js';
import type { Destination, Destinations } from './destination.js';
import type { Settlement } from './settlement.js';
import type { NatsMessage } from './types.js';

const MAX_REMEMBERED = 5_000;
const MAX_CONSUMERS = 1_000;

/** First deliveries of messages that may come again: the latest 5,000 to 10,000, forgotten when they are acknowledged. */
export class Redeliveries {
  /** Two generations: the older is dropped whole, which costs less than finding the oldest entry. */
  private recent = new Map<string, SpanContext>();
  private older = new Map<string, SpanContext>();

  /** Undefined for a first delivery, and for one that another process had. */
  firstOf(info: DeliveryInfo): SpanContext | undefined {
    if (info.count < 2) return undefined;
    const key = keyOf(info);
    return this.recent.get(key) ?? this.older.get(key);
  }

  remember(info: DeliveryInfo, span: SpanContext): void {
    if (info.count !== 1) return;
    if (this.recent.size >= MAX_REMEMBERED) {
      this.older = this.recent;
      this.recent = new Map();
    }
    this.recent.set(keyOf(info), span);
  }

  forget(info: DeliveryInfo): void {
    const key = keyOf(info);
    if (!this.recent.delete(key)) this.older.delete(key);
  }
}

function keyOf({ stream, consumer, streamSequence }: DeliveryInfo): string {
  return `${stream} ${consumer} ${streamSequence}`;
}

/** Consumers that want no acks, learned from what the server says of them: nobody will settle their messages. */
export class UnackedConsumers {
  private readonly names = new Set<string>();

  has(stream: string, consumer: string): boolean {
    return this.names.has(`${stream} ${consumer}`);
  }

  /** Reads the answer to a consumer's creation or to a question about it. */
  learn({ data }: NatsMessage): void {
    const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString('latin1');
    if (!text.includes('"ack_policy":"none"')) return;
    const stream = /"stream_name":"([^"]+)"/.exec(text)?.[1];
    const name = /"name":"([^"]+)"/.exec(text)?.[1];
    if (stream === undefined || name === undefined) return;
    if (this.names.size >= MAX_CONSUMERS) this.names.clear();
    this.names.add(`${stream} ${name}`);
  }
}

/** What JetStream's consumers on one connection share. */
export class JetStreamTracing {
  readonly redeliveries = new Redeliveries();
  readonly unacked = new UnackedConsumers();
  private readonly settlements = new Map<string, Destinations>();
  private readonly received: Destinations;

  constructor(readonly tracing: ConnectionTracing) {
    this.received = tracing.destinations({ operation: 'receive', type: 'receive', kind: SpanKind.CLIENT });
  }

  /** Undefined for subjects that are not traced. */
  destination(subject: string, group: string): Destination | undefined {
    return this.tracing.processing(group).consumer.get(subject);
  }

  /** @param subject one that is traced */
  batch(subject: string): Destination {
    return this.received.get(subject)!;
  }

  /** @param subject one that is traced */
  settlement(operation: Settlement['operation'], subject: string): Destination {
    let destinations = this.settlements.get(operation);
    if (!destinations) {
      const attributes = { 'messaging.operation.name': operation };
      destinations = this.tracing.destinations({
        operation: 'settle',
        type: 'settle',
        kind: SpanKind.CLIENT,
        attributes,
      });
      this.settlements.set(operation, destinations);
    }
    return destinations.get(subject)!;
  }
}
