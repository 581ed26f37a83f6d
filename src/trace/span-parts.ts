import { type Attributes, type Exception, isSpanContextValid, type Link, type TimeInput } from '@opentelemetry/api';
import { cleanAttributes, type SpanLimits } from './attributes.js';
import { cut } from './cut.js';
import { stackOf, textOf } from './record-error.js';

/** A name as a span keeps it; one that is no text must not reach the exporter. */
export function cleanName(name: unknown, limits: SpanLimits): string {
  return cut(typeof name === 'string' ? name : textOf(name), limits.nameBytes);
}

/** What an exception is in an event's attributes; empty for what says nothing. Anything can be thrown, also nothing. */
export function exceptionAttributes(exception: Exception | null | undefined): Attributes {
  if (typeof exception === 'string') return exception === '' ? {} : { 'exception.message': exception };
  if (!exception) return {};
  const attributes: Attributes = {};
  const type = exception.code || exception.name;
  if (type) attributes['exception.type'] = String(type);
  if (exception.message) attributes['exception.message'] = exception.message;
  // a stack alone is none
  const stack = stackOf(exception);
  if (stack && (type || exception.message)) attributes['exception.stacktrace'] = stack;
  return attributes;
}

/** Links as a span keeps them; one that leads nowhere is left out. */
export function cleanLinks(links: readonly Link[] | undefined, limits: SpanLimits): Link[] {
  const clean: Link[] = [];
  for (const link of links ?? []) {
    if (!link?.context || !isSpanContextValid(link.context)) continue;
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
