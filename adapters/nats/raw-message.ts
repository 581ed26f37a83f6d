import type { NatsMessage } from './types.js';

/**
 * Fields of the clients' message class that hold a message as its bytes came. Reading them spares decoding what is not
 * needed; where a client hides them, the public properties serve.
 */
interface RawMessage {
  readonly _rdata?: Uint8Array;
  readonly _msg?: { readonly hdr?: number; readonly reply?: Uint8Array; readonly subject?: Uint8Array };
}

const ACK = Buffer.from('$JS.ACK.');

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
  if (!info) return message.reply?.startsWith('$JS.ACK.') ?? false;
  const { reply } = info;
  if (!reply || reply.length <= ACK.length || reply[0] !== ACK[0]) return false;
  for (let i = 1; i < ACK.length; i++) if (reply[i] !== ACK[i]) return false;
  return true;
}
