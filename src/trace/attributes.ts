import type { AttributeValue, Attributes } from '@opentelemetry/api';

/** Limits of one span, as OpenTelemetry's SDK has them; what is over them is counted, not kept. */
export interface SpanLimits {
  /** @default 128 */
  attributeCount: number;
  /** @default 128 */
  eventCount: number;
  /** @default 128 */
  linkCount: number;
  /** Longest string value, characters. @default 16384 */
  attributeValueLength: number;
}

const CUT_MARK = '…';

function isScalar(value: unknown): value is string | number | boolean {
  return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean';
}

/** A string, number or boolean, or an array of one of these, in which null and undefined may stand. */
function isAttributeValue(value: unknown): value is AttributeValue {
  if (value === null || value === undefined || isScalar(value)) return value !== undefined;
  if (!Array.isArray(value)) return false;
  let type: string | undefined;
  for (const item of value as unknown[]) {
    if (item === null || item === undefined) continue;
    if (!isScalar(item) || (type ??= typeof item) !== typeof item) return false;
  }
  return true;
}

function cut(text: string, length: number): string {
  return text.length > length ? text.slice(0, length) + CUT_MARK : text;
}

/**
 * The value as a span keeps it: arrays copied, long strings cut and marked.
 * Undefined for what OpenTelemetry does not accept; instrumentation must never fail for it.
 */
export function cleanValue(value: unknown, maxLength: number): AttributeValue | undefined {
  if (typeof value === 'string') return cut(value, maxLength);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === null || !isAttributeValue(value)) return undefined;
  return (value as string[]).map((item) => (typeof item === 'string' ? cut(item, maxLength) : item));
}

/** A cleaned copy of `attributes`. */
export function cleanAttributes(attributes: Attributes | undefined, limits: SpanLimits): Attributes {
  const clean: Attributes = {};
  let count = 0;
  for (const key in attributes) {
    const value = cleanValue(attributes[key], limits.attributeValueLength);
    if (key === '' || value === undefined || count === limits.attributeCount) continue;
    clean[key] = value;
    count++;
  }
  return clean;
}
