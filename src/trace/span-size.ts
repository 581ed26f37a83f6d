import type { Attributes } from '@opentelemetry/api';
import { W3CTraceState } from '../propagation/trace-state.js';
import type { EndedSpan } from './ended-span.js';

/** Bytes of a span object without its texts, attributes, events and links: ids, numbers, the object itself. */
const SPAN_BYTES = 400;
const ENTRY_BYTES = 32;

/** Attribute objects shared by many spans are measured once. */
const shared = new WeakMap<Attributes, number>();

function attributesBytes(attributes: Attributes): number {
  const known = shared.get(attributes);
  if (known !== undefined) return known;
  let bytes = 0;
  for (const key in attributes) {
    const value = attributes[key];
    bytes += ENTRY_BYTES + key.length;
    if (typeof value === 'string') bytes += value.length;
    else if (Array.isArray(value)) for (const item of value) bytes += typeof item === 'string' ? item.length + 16 : 16;
  }
  if (Object.isFrozen(attributes)) shared.set(attributes, bytes);
  return bytes;
}

/** Estimated memory of a span, bytes. Bounds on queue and buffer are in this unit. */
export function spanBytes(span: EndedSpan): number {
  const { name, status, traceState } = span;
  let bytes = SPAN_BYTES + name.length + (status.message?.length ?? 0) + attributesBytes(span.attributes);
  // the spans of a trace share it; each may be the last to hold it
  if (traceState instanceof W3CTraceState) bytes += traceState.size;
  for (const event of span.events) bytes += ENTRY_BYTES + event.name.length + attributesBytes(event.attributes);
  if (span.content) for (const { key, value } of span.content) bytes += ENTRY_BYTES + key.length + value.length;
  for (const link of span.links) bytes += 3 * ENTRY_BYTES + attributesBytes(link.attributes ?? {});
  return bytes;
}

/** Of that, the texts that spans with shared attributes may have for themselves. */
export function ownTextBytes({ name, traceState }: EndedSpan): number {
  return name.length + (traceState instanceof W3CTraceState ? traceState.size : 0);
}
