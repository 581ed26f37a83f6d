import type { Span } from '@opentelemetry/api';
import { recordFailure } from './failures.js';
import { ABOUT, PublisherSwitch, type Publisher } from './publisher.js';
import type { NatsMessage, NatsPublishOptions, Payload } from './types.js';

/** What a consumer says of a message it was delivered. */
export interface Settlement {
  readonly operation: 'ack' | 'nak' | 'term' | 'working' | 'next';
  /** How long redelivery is to wait, ms. */
  readonly delayMs: number | undefined;
  /** False for what leaves the message with its consumer. */
  readonly isFinal: boolean;
}

/** Starts the span of a settlement, and hears of it when it was sent. */
export interface Settleable {
  settle(settlement: Settlement): Span;
  settled(settlement: Settlement): void;
}

const OPERATIONS: Record<string, Settlement['operation']> = {
  '+ACK': 'ack',
  '-NAK': 'nak',
  '+TERM': 'term',
  '+WPI': 'working',
  '+NXT': 'next',
};

/** Reads an acknowledgement: a word, and for some JSON after it. An empty one is an ack too. */
export function parseSettlement(payload: Payload = ''): Settlement | undefined {
  const text = typeof payload === 'string' ? payload : Buffer.from(payload).toString('latin1');
  const word = /^[+-][A-Z]+/.exec(text)?.[0] ?? '';
  const operation = text === '' ? 'ack' : OPERATIONS[word];
  if (!operation) return undefined;
  const delay = operation === 'nak' ? /"delay":\s*(\d+)/.exec(text)?.[1] : undefined;
  return {
    operation,
    delayMs: delay === undefined ? undefined : Number(delay) / 1e6,
    isFinal: operation !== 'working' && operation !== 'next',
  };
}

/** The request that a client makes for an ack whose arrival it wants confirmed. */
interface PendingRequest {
  deferred?: Promise<unknown>;
}

type Protocol = Publisher & { request(request: PendingRequest): unknown };

const settlers = new PublisherSwitch<Settleable>((protocol) => {
  return class Settler {
    readonly [ABOUT]: Settleable;
    private pending: PendingRequest | undefined;

    constructor(settleable: Settleable) {
      this[ABOUT] = settleable;
    }

    request(request: PendingRequest): unknown {
      this.pending = request;
      return (protocol as Protocol).request(request);
    }

    publish(subject: string, payload?: Payload, options?: NatsPublishOptions): void {
      const settlement = parseSettlement(payload);
      if (!settlement) return protocol.publish(subject, payload, options);
      const span = this[ABOUT].settle(settlement);
      const end = (error?: unknown): void => {
        if (error !== undefined) recordFailure(span, error);
        span.end();
      };
      try {
        protocol.publish(subject, payload, options);
      } catch (error) {
        end(error);
        throw error;
      }
      const confirmation = options?.reply ? this.pending?.deferred : undefined;
      if (confirmation) confirmation.then(() => end(), end);
      else end();
      this[ABOUT].settled(settlement);
    }
  };
});

/** Makes a span of every settlement of a delivered message; one that waits for its confirmation ends with that. */
export function watchSettlement(message: NatsMessage, settleable: Settleable): void {
  settlers.install(message, settleable);
}
