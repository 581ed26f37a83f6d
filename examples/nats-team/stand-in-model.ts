import { setTimeout as sleep } from 'node:timers/promises';
import { MockLanguageModelV3 } from 'ai/test';

/** What the model says in one call. */
export interface Turn {
  /** What it thinks before it answers. */
  reasoning?: string;
  text?: string;
  tools?: { name: string; input: object }[];
  tokens: { input: number; output: number; reasoning?: number };
  ms: number;
}

/** Stands in for a model: says its turns one after the other. Put a real one in its place, such as `openai('gpt-5')`. */
export function standIn(modelId: string, turns: Turn[]): MockLanguageModelV3 {
  let next = 0;
  return new MockLanguageModelV3({
    provider: 'stand-in',
    modelId,
    doGenerate: async () => {
      const { reasoning, text, tools = [], tokens, ms } = turns[next++ % turns.length]!;
      await sleep(ms);
      return {
        content: [
          ...(reasoning === undefined ? [] : [{ type: 'reasoning' as const, text: reasoning }]),
          ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
          ...tools.map(({ name, input }, i) => ({
            type: 'tool-call' as const,
            toolCallId: `call-${next}-${i}`,
            toolName: name,
            input: JSON.stringify(input),
          })),
        ],
        finishReason: { unified: tools.length > 0 ? 'tool-calls' : 'stop', raw: undefined },
        usage: {
          inputTokens: { total: tokens.input, noCache: tokens.input, cacheRead: 0, cacheWrite: 0 },
          outputTokens: {
            total: tokens.output,
            text: tokens.output - (tokens.reasoning ?? 0),
            reasoning: tokens.reasoning ?? 0,
          },
        },
        warnings: [],
      };
    },
  });
}
