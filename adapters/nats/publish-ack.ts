import type { Attributes, Span } from '@opentelemetry/api';
import { recordError } from '../../src/index.js';
import type { NatsMessage, NatsRequestOptions } from './types.js';

/** What JetStream answers to a publish (server's ADR-1). */
interface PublishAck {
  stream?: unknown;
  seq?: unknown;
  duplicate?: unknown;
  error?: { code?: unknown; err_code?: unknown; description?: unknown };
}

const MAX_ACK_BYTES = 1_024;
const KEYS = new Set(['type', 'stream', 'seq', 'domain', 'duplicate', 'error', 'val', 'batch', 'count']);
const MAX_SUBJECTS = 2_000;

/** The ack in a reply; undefined when the reply is an agent's. */
function parseAck({ data }: NatsMessage): PublishAck | undefined {
  if (data.length < 12 || data.length > MAX_ACK_BYTES || data[0] !== 123) return undefined;
  const text = Buffer.from(data.buffer, data.byteOffset, data.length).toString();
  if (!/^\{"(?:type|error|stream)":/.test(text)) return undefined;
  try {
    const ack = JSON.parse(text) as PublishAck;
    if (typeof ack.stream !== 'string' || !Object.keys(ack).every((key) => KEYS.has(key))) return undefined;
    return ack.error
      ? typeof ack.error.err_code === 'number'
        ? ack
        : undefined
      : Number.isInteger(ack.seq)
        ? ack
        : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Tells JetStream's publishes from other requests: both are requests on the same connection. A publish is known by what
 * the JetStream client asks for, else by the ack of an earlier one on its subject; the answer decides.
 */
export class AckedSubjects {
  private readonly subjects = new Set<string>();

  expects(subject: string, given: NatsRequestOptions | undefined): boolean {
    return this.subjects.has(subject) || isJetStreamPublish(given);
  }

  /** Reads the ack in a reply into the span. @returns whether it was one */
  learn(subject: string, reply: NatsMessage, span: Span): boolean {
    const ack = parseAck(reply);
    if (!ack) {
      this.subjects.delete(subject);
      return false;
    }
    if (this.subjects.size >= MAX_SUBJECTS) this.subjects.clear();
    this.subjects.add(subject);
    span.setAttributes(attributesOf(ack));
    if (ack.error) {
      const type = `jetstream_${String(ack.error.err_code)}`;
      recordError(span, { toString: () => String(ack.error?.description) }, type);
    }
    return true;
  }
}

/**
 * Whether these are the options that the JetStream client of either generation makes: a timeout, and headers even when it has
 * none. Options that cannot be read are no JetStream client's.
 */
function isJetStreamPublish(given: NatsRequestOptions | undefined): boolean {
  try {
    if (!given?.headers || Object.keys(given).some((key) => key !== 'timeout' && key !== 'headers')) return false;
    const keys = given.headers.keys?.() ?? [];
    return keys.length === 0 || keys.some((key) => key === 'Nats-Msg-Id' || key.startsWith('Nats-Expected-'));
  } catch {
    return false;
  }
}

function attributesOf({ stream, seq, duplicate }: PublishAck): Attributes {
  return {
    'messaging.nats.stream.name': stream as string,
    ...(typeof seq === 'number' && seq > 0 && { 'messaging.nats.message.stream_sequence': seq }),
    ...(duplicate === true && { 'messaging.nats.message.duplicate': true }),
  };
}
