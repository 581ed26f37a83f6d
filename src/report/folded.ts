import { type Stack, type Weight } from './model.js';
import { visibleLines } from './text.js';
import { isDuration } from './weight.js';

/**
 * Folded stacks, as flamegraph.pl, speedscope and inferno read them: one line a stack, frames joined by `;`, a space, the value.
 * Durations are whole microseconds, everything else whole numbers. Stacks that escape to the same text are added up;
 * lines whose value rounds to zero are left out. Lines are sorted, so that equal data gives equal text.
 */
export function foldStacks(stacks: readonly Stack[], weight: Weight): string {
  return sumByStack(stacks)
    .map(({ text, value }) => ({ text, value: foldedValue(value, weight) }))
    .filter(({ value }) => value !== 0)
    .map(({ text, value }) => `${text} ${value}\n`)
    .join('');
}

/** Two windows in the format of difffolded.pl: `stack before after`, for differential flame graphs elsewhere. */
export function foldDiff(before: readonly Stack[], after: readonly Stack[], weight: Weight): string {
  const values = new Map<string, [number, number]>();
  for (const { text, value } of sumByStack(before)) values.set(text, [foldedValue(value, weight), 0]);
  for (const { text, value } of sumByStack(after)) {
    values.set(text, [values.get(text)?.[0] ?? 0, foldedValue(value, weight)]);
  }
  return [...values]
    .filter(([, [was, is]]) => was !== 0 || is !== 0)
    .sort(([a], [b]) => compare(a, b))
    .map(([text, [was, is]]) => `${text} ${was} ${is}\n`)
    .join('');
}

/**
 * A frame as it may stand in folded text: `;` becomes `_`, a line break becomes a space, and control characters U+FFFD, because folded
 * text is printed on terminals.
 */
export function escapeFrame(frame: string): string {
  return visibleLines(frame.replaceAll(';', '_').replace(/\r\n|[\n\r\u2028\u2029]/g, ' '));
}

function sumByStack(stacks: readonly Stack[]): { text: string; value: number }[] {
  const sums = new Map<string, number>();
  for (const { frames, value } of stacks) {
    const text = frames.map(escapeFrame).join(';');
    sums.set(text, (sums.get(text) ?? 0) + value);
  }
  return [...sums].map(([text, value]) => ({ text, value })).sort((a, b) => compare(a.text, b.text));
}

function foldedValue(value: number, weight: Weight): number {
  return Math.round(isDuration(weight) ? value / 1000 : value);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
