import { RepeatedText, startsWith, TRACEPARENT_LENGTH } from '../../src/index.js';
import type { NatsMessage } from './types.js';

/**
 * Fields of the clients' message class that hold a message as its bytes came. Reading them spares decoding what is not
 * needed; where a client hides them, the public properties serve.
 */
interface RawMessage {
  readonly _rdata?: Uint8Array;
  readonly _msg?: { readonly hdr?: number; readonly reply?: Uint8Array; readonly subject?: Uint8Array };
}

const ACK_PREFIX = '$JS.ACK.';
const ACK = Buffer.from(ACK_PREFIX);

const PARENT_KEY = Buffer.from('NATS/1.0\r\ntraceparent: ');
const PARENT_END = PARENT_KEY.length + TRACEPARENT_LENGTH;
const STATE_KEY = Buffer.from('\r\ntracestate: ');
const STATE_AT = PARENT_END + STATE_KEY.length;
const BLOCK_END = '\r\n\r\n'.length;
const CR = 13;

/**
 * Where the `traceparent` is in the bytes of a message that has no other headers, except for a `tracestate` behind it, written
 * as our publishers write them: most are, and no header need be looked for then. -1 for all others.
 */
export function ownTraceparent(message: NatsMessage): number {
  const { _rdata: bytes, _msg: info } = message as unknown as RawMessage;
  const end = (info?.hdr ?? 0) - BLOCK_END;
  if (end < PARENT_END || !(bytes instanceof Buffer) || !startsWith(bytes, 0, PARENT_KEY)) return -1;
  if (bytes[PARENT_END] !== CR) return -1;
  if (end > PARENT_END && (!startsWith(bytes, PARENT_END, STATE_KEY) || bytes.indexOf(CR, STATE_AT) !== end)) return -1;
  return PARENT_KEY.length;
}

/** The bytes of a message that has an {@link ownTraceparent}. */
export function bytesOf(message: NatsMessage): Buffer {
  return (message as unknown as { _rdata: Buffer })._rdata;
}

const states = new RepeatedText();

/** The `tracestate` of a message that has an {@link ownTraceparent}. */
export function ownTracestate(message: NatsMessage): string | undefined {
  const { _rdata: bytes, _msg: info } = message as unknown as { _rdata: Buffer; _msg: { hdr: number } };
  const end = info.hdr - BLOCK_END;
  return end > STATE_AT ? states.read(bytes, STATE_AT, end) : undefined;
}

/** The header block of a message as text; empty when there is none, undefined when the client hides it. */
export function headerText(message: NatsMessage): string | undefined {
  const { _rdata: bytes, _msg: info } = message as unknown as RawMessage;
  if (!bytes || typeof info?.hdr !== 'number') return undefined;
  if (info.hdr <= 0) return '';
  if (bytes instanceof Buffer) return bytes.toString('latin1', 0, info.hdr);
  return Buffer.from(bytes.buffer, bytes.byteOffset, info.hdr).toString('latin1');
}

/** Whether a reply is expected. */
export function hasReply(message: NatsMessage): boolean {
  const { _msg: info } = message as unknown as RawMessage;
  return info ? info.reply !== undefined && info.reply.length > 0 : Boolean(message.reply);
}

/** Whether JetStream delivered the message: it names its consumer and sequence in the reply subject. */
export function isDelivery(message: NatsMessage): boolean {
  const { _msg: info } = message as unknown as RawMessage;
  if (!info) return message.reply?.startsWith(ACK_PREFIX) ?? false;
  const { reply } = info;
  if (!reply || reply.length <= ACK.length || reply[0] !== ACK[0]) return false;
  for (let i = 1; i < ACK.length; i++) if (reply[i] !== ACK[i]) return false;
  return true;
}
