import type { Span } from '@opentelemetry/api';
import { KEEP_HEADER, keepHub, recordError } from '../../src/index.js';
import { IncomingHeaders } from './incoming-headers.js';
import type { NatsMessage } from './types.js';

const SERVICE_ERROR = 'Nats-Service-Error';
const SERVICE_ERROR_CODE = 'Nats-Service-Error-Code';

/** The one place where the headers of an incoming reply are looked at. */
export function inspectReply(span: Span, reply: NatsMessage): void {
  const headers = new IncomingHeaders(reply);
  if (headers.isEmpty) return;
  const kept = headers.first(KEEP_HEADER);
  if (kept !== undefined) keepHub().hear(span.spanContext().traceId, kept);
  const description = headers.first(SERVICE_ERROR);
  if (description !== undefined) recordServiceError(span, description, headers.first(SERVICE_ERROR_CODE));
}

/** Marks a span with the error that a service answered: its code is the error's type. */
export function recordServiceError(span: Span, description: string, code: string | undefined): void {
  const type = code !== undefined && /^\w{1,32}$/.test(code) ? code : 'service_error';
  recordError(span, { name: type, message: description, toString: () => description }, type);
}
