import { propagation, type Attributes, type Context } from '@opentelemetry/api';

/** Longest value taken over, characters: baggage comes from strangers. */
const MAX_LENGTH = 1024;

/** `attributes` with the baggage entries of these keys; the same object when there are none. What a span says itself wins. */
export function baggageAttributes(context: Context, keys: readonly string[], attributes: Attributes): Attributes {
  const baggage = propagation.getBaggage(context);
  if (!baggage) return attributes;
  let own: Attributes | undefined;
  for (const key of keys) {
    const value = baggage.getEntry(key)?.value;
    if (value === undefined || Object.hasOwn(attributes, key)) continue;
    own ??= { ...attributes };
    own[key] = value.slice(0, MAX_LENGTH);
  }
  return own ?? attributes;
}
