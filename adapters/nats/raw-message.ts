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

const FIRST_LINE = 'NATS/1.0\r\n';
const KEY_TEXT = 'traceparent: ';
const KEY = Buffer.from(KEY_TEXT);
const VALUE_AT = FIRST_LINE.length + KEY.length;
const VALUE_END = VALUE_AT + 55;
const LONE_LENGTH = VALUE_END + 4;

/**
 * The `traceparent` of a message whose headers are that alone, written as our publishers write it: most are, and no other
 * header need be looked for then. Undefined for all others.
 */
export function loneTraceparent(message: NatsMessage): string | undefined {
  const { _rdata: bytes, _msg: info } = message as unknown as RawMessage;
  if (info?.hdr !== LONE_LENGTH || !(bytes instanceof Buffer) || bytes[VALUE_END] !== 13) return undefined;
  for (let i = 0; i < KEY.length; i++) if (bytes[FIRST_LINE.length + i] !== KEY[i]) return undefined;
  return bytes.toString('latin1', VALUE_AT, VALUE_END);
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
