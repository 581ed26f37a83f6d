import { type Stack, type Weight } from './model.js';
import { isDuration, weightNames, weights } from './weight.js';

/**
 * A file for speedscope.app, one profile per weight given. Durations are nanoseconds.
 * Format: https://www.speedscope.app/file-format-schema.json ("sampled" profiles).
 */
export function flameSpeedscope(stacksByWeight: Partial<Record<Weight, readonly Stack[]>>, name = 'spanbus'): string {
  const frames: { name: string }[] = [];
  const frameIndex = new Map<string, number>();
  const indexOf = (frame: string): number => {
    let index = frameIndex.get(frame);
    if (index === undefined) {
      index = frames.push({ name: frame }) - 1;
      frameIndex.set(frame, index);
    }
    return index;
  };
  const profiles = weights.flatMap((weight) => {
    const stacks = stacksByWeight[weight]?.filter(({ value }) => value !== 0);
    if (stacks === undefined) return [];
    return {
      type: 'sampled',
      name: weightNames[weight].label,
      unit: isDuration(weight) ? 'nanoseconds' : 'none',
      startValue: 0,
      endValue: stacks.reduce((sum, { value }) => sum + value, 0),
      samples: stacks.map((stack) => stack.frames.map(indexOf)),
      weights: stacks.map(({ value }) => value),
    };
  });
  const file = {
    $schema: 'https://www.speedscope.app/file-format-schema.json',
    exporter: 'spanbus',
    name,
    activeProfileIndex: 0,
    shared: { frames },
    profiles,
  };
  return `${JSON.stringify(file)}\n`;
}
