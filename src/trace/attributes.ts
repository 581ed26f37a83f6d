import type { AttributeValue, Attributes } from '@opentelemetry/api';
import { isContentKey } from '../content/content-keys.js';
import { factsOf, redactSecrets } from '../content/secrets.js';
import { cut } from './cut.js';

/** Limits of one span, as OpenTelemetry's SDK has them; what is over them is counted, not kept. */
export interface SpanLimits {
  /** @default 128 */
  attributeCount: number;
  /** @default 128 */
  eventCount: number;
  /** @default 128 */
  linkCount: number;
  /** Longest string value, and longest status message, bytes of UTF-8; what is longer is cut and marked. @default 16384 */
  attributeValueBytes: number;
  /** Longest name of a span or event, bytes of UTF-8; what is longer is cut and marked. @default 1024 */
  nameBytes: number;
}

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

/** Content is as long as it is until it is moved out of the attributes, or thrown away. */
function cutValue(key: string, text: string, maxBytes: number): string {
  const short = cut(text, maxBytes);
  return short === text || isContentKey(key) ? text : short;
}

/**
 * The value as a span keeps it: arrays copied, long strings cut and marked.
 * Undefined for what OpenTelemetry does not accept; instrumentation must never fail for it.
 */
export function cleanValue(key: string, value: unknown, maxBytes: number): AttributeValue | undefined {
  if (typeof value === 'string') return cutValue(key, value, maxBytes);
  if (typeof value === 'number' || typeof value === 'boolean') return value;
  if (value === null || !isAttributeValue(value)) return undefined;
  return (value as string[]).map((item) => (typeof item === 'string' ? cutValue(key, item, maxBytes) : item));
}

/** A cleaned copy of `attributes`, as many as the limit has room for. */
export function cleanAttributes(attributes: Attributes | undefined, limits: SpanLimits): Attributes {
  const clean: Attributes = {};
  let count = 0;
  for (const key in attributes) {
    if (key === '' || !Object.hasOwn(attributes, key)) continue;
    const value = cleanValue(key, attributes[key], limits.attributeValueBytes);
    if (value === undefined) continue;
    if (count++ < limits.attributeCount) clean[key] = value;
  }
  return clean;
}

/** How many attributes {@link cleanAttributes} leaves out for the limit. */
export function countDropped(attributes: Attributes, limits: SpanLimits): number {
  const total = Object.keys(cleanAttributes(attributes, { ...limits, attributeCount: Infinity })).length;
  return Math.max(0, total - limits.attributeCount);
}

/** Values in attributes that spans share: short, so that no limit cuts them. */
const MAX_SHARED_LENGTH = 256;
const MAX_SHARED_COUNT = 32;
const shared = new WeakMap<Attributes, boolean>();

/** Whether spans may share this object as it is: frozen, no content, no secrets, nothing to clean. Looked at once. */
export function isShared(attributes: Attributes): boolean {
  let known = shared.get(attributes);
  // an object that is not frozen may be another one tomorrow
  if (known === undefined && Object.isFrozen(attributes)) {
    known =
      Object.getPrototypeOf(attributes) === Object.prototype &&
      Object.keys(attributes).length <= MAX_SHARED_COUNT &&
      Object.entries(attributes).every(([key, value]) => isHarmlessKey(key) && isHarmlessValue(value));
    shared.set(attributes, known);
  }
  return known ?? false;
}

function isHarmlessKey(key: string): boolean {
  if (key === '' || isContentKey(key)) return false;
  const { name, hidesText, hidesNumber } = factsOf(key);
  return name === key && !hidesText && !hidesNumber;
}

function isHarmlessValue(value: unknown): boolean {
  if (typeof value === 'string') return value.length <= MAX_SHARED_LENGTH && redactSecrets(value) === value;
  return isScalar(value);
}
