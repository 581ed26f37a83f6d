import { setTimeout as sleep } from 'node:timers/promises';
import { executeTool, inference, recordReasoning, recordUsage } from '../index.js';

/** Random numbers that are the same in every run (mulberry32), so that two looks at the demo show the same failures. */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** The local stand-ins of one agent: model calls and tools that take believable times and tokens. */
export interface StandIns {
  /** Thinks about `inputTokens` for about `ms`, and says why. */
  chat(model: string, inputTokens: number, ms: number, reasoning?: string): Promise<void>;
  /** Works for about `ms`; fails in `failures` of the calls. */
  tool(name: string, ms: number, failures?: number): Promise<void>;
  chance(share: number): boolean;
}

export function standIns(seed: number): StandIns {
  const random = randomFrom(seed);
  const about = (n: number): number => Math.round(n * (0.6 + random() * 0.9));
  return {
    chat: (model, inputTokens, ms, reasoning) =>
      inference({ model, provider: 'stand-in' }, async () => {
        if (reasoning !== undefined) recordReasoning(reasoning);
        await sleep(about(ms));
        recordUsage({ inputTokens: about(inputTokens), outputTokens: about(inputTokens / 5), model });
      }),
    tool: (name, ms, failures = 0) =>
      executeTool(name, async () => {
        const fails = random() < failures;
        await sleep(about(ms));
        if (fails) throw new Error(`${name}: upstream answered 503`);
      }),
    chance: (share) => random() < share,
  };
}
