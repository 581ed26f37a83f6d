import { isUtf8 } from 'node:buffer';
import type { Span } from '@opentelemetry/api';
import { capturesContent } from './capture-switch.js';

/** The most of a body that is turned into text, bytes. */
const MAX_BYTES = 1 << 20;

/**
 * Puts what a message says on its sender's span, when anybody wants content: `messaging.message.body`, stored apart from the
 * span's attributes. Bodies that are not text are left out. For adapters; without capture it costs one look.
 */
export function recordBody(span: Span, body: string | Uint8Array | undefined): void {
  if (body === undefined || !capturesContent() || !span.isRecording()) return;
  // what is neither is the client's to refuse
  const text = typeof body === 'string' ? body : body instanceof Uint8Array ? textOf(body) : undefined;
  if (text) span.setAttribute('messaging.message.body', text);
}

function textOf(body: Uint8Array): string | undefined {
  let end = Math.min(body.length, MAX_BYTES);
  // not through a character: its later bytes begin with 10
  if (end < body.length) while (end > 0 && (body[end]! & 0xc0) === 0x80) end--;
  const part = body.subarray(0, end);
  return isUtf8(part) ? Buffer.from(part.buffer, part.byteOffset, part.byteLength).toString() : undefined;
}
