/** What JetStream writes into the reply subject of a delivered message. */
export interface DeliveryInfo {
  readonly stream: string;
  readonly consumer: string;
  /** 1 for the first delivery. */
  readonly count: number;
  readonly streamSequence: number;
  /** When the stream stored the message, Unix ms. */
  readonly storedAtMs: number;
}

const DIGITS = /^\d+$/;

/**
 * Reads `$JS.ACK.[domain.account.]stream.consumer.count.sequence.delivery.timestamp.pending[.token]` (ADR-15 of NATS).
 * Undefined when a stranger wrote something else there.
 */
export function parseDelivery(reply: string): DeliveryInfo | undefined {
  const tokens = reply.split('.');
  if (tokens.length !== 9 && tokens.length < 11) return undefined;
  const [stream = '', consumer = '', count = '', sequence = '', , timestamp = ''] = tokens.slice(
    tokens.length === 9 ? 2 : 4,
  );
  if (stream === '' || consumer === '' || ![count, sequence, timestamp].every((n) => DIGITS.test(n))) return undefined;
  return {
    stream,
    consumer,
    count: Number(count),
    streamSequence: Number(sequence),
    storedAtMs: Number(timestamp) / 1e6,
  };
}
