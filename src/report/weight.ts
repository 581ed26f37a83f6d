import { type Weight } from './model.js';
import { formatCount, formatDuration } from './text.js';

/** Every weight a flame graph can have, in the order in which reports offer them. */
export const weights: readonly Weight[] = ['self', 'critical', 'tokens', 'errors', 'calls'];

/** What a weight is called, and what it measures, in words. */
export const weightNames: Readonly<Record<Weight, { label: string; explanation: string }>> = {
  self: { label: 'Time', explanation: 'time in which a span was busy itself, children excluded' },
  critical: { label: 'Critical path', explanation: 'the part of each run’s duration that had to wait for this span' },
  tokens: { label: 'Tokens', explanation: 'model tokens, input and output' },
  errors: { label: 'Errors', explanation: 'spans that ended with status Error' },
  calls: { label: 'Calls', explanation: 'number of spans' },
};

/** True when the values of this weight are nanoseconds; else they are whole numbers. */
export function isDuration(weight: Weight): boolean {
  return weight === 'self' || weight === 'critical';
}

/** A value with its unit: `8.42 s`, `1,204 tokens`, `1 error`. */
export function formatWeight(value: number, weight: Weight): string {
  if (isDuration(weight)) return formatDuration(value);
  const noun = { tokens: 'token', errors: 'error', calls: 'span' }[weight as 'tokens' | 'errors' | 'calls'];
  return `${formatCount(value)} ${noun}${Math.round(value) === 1 ? '' : 's'}`;
}

/** A change with its sign: `+340 ms`, `-12 tokens`, `no change`. */
export function formatChange(change: number, weight: Weight): string {
  if (change === 0) return 'no change';
  return `${change > 0 ? '+' : '−'}${formatWeight(Math.abs(change), weight)}`;
}
