import type { Attributes, Exception, Link, TimeInput } from '@opentelemetry/api';
import { cleanAttributes, type SpanLimits } from './attributes.js';

/** What an exception is in an event's attributes; empty for what says nothing. Anything can be thrown, also nothing. */
export function exceptionAttributes(exception: Exception | null | undefined): Attributes {
  if (typeof exception === 'string') return exception === '' ? {} : { 'exception.message': exception };
  if (!exception) return {};
  const attributes: Attributes = {};
  const type = exception.code || exception.name;
  if (type) attributes['exception.type'] = String(type);
  if (exception.message) attributes['exception.message'] = exception.message;
  // a stack alone is none
  if (exception.stack && (type || exception.message)) attributes['exception.stacktrace'] = exception.stack;
  return attributes;
}

/** Links as a span keeps them; one that leads nowhere is left out. */
export function cleanLinks(links: readonly Link[], limits: SpanLimits): Link[] {
  const clean: Link[] = [];
  for (const link of links) {
    if (!link?.context) continue;
    const attributes = cleanAttributes(link.attributes, limits);
    const { context } = link;
    clean.push(Object.keys(attributes).length > 0 ? { context, attributes } : { context });
  }
  return clean;
}

export function isTimeInput(value: Attributes | TimeInput | undefined): value is TimeInput {
  if (Array.isArray(value)) return value.length === 2 && value.every((part) => typeof part === 'number');
  return typeof value === 'number' || value instanceof Date;
}
