import { type TraceSpan } from './model.js';

/** The words for a failure: the status message, else what the exception event or `error.type` says. */
export function errorMessage(span: TraceSpan): string {
  const exception = span.events.find((event) => event.name === 'exception')?.attributes ?? {};
  const type = exception['exception.type'] ?? span.attributes['error.type'] ?? '';
  const message = span.statusMessage || (exception['exception.message'] ?? '');
  if (message === '') return type === '' ? 'without a message' : type;
  return type === '' || message.includes(type) ? message : `${type}: ${message}`;
}
