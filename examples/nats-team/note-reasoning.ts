import type { LanguageModelMiddleware } from 'ai';
import { recordReasoning } from 'spanbus';

/** Notes what a model thought on the span of the call in which it did; the AI SDK itself treats it as content. */
export const noteReasoning: LanguageModelMiddleware = {
  specificationVersion: 'v3',
  wrapGenerate: async ({ doGenerate }) => {
    const result = await doGenerate();
    for (const part of result.content) if (part.type === 'reasoning') recordReasoning(part.text);
    return result;
  },
};
