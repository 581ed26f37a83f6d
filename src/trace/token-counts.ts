import type { Attributes } from '@opentelemetry/api';

/** Where instrumentations write what a model call used, the usual place first; the table's columns read the same names. */
export const INPUT = [
  'gen_ai.usage.input_tokens',
  'gen_ai.usage.prompt_tokens',
  'llm.token_count.prompt',
  'ai.usage.inputTokens',
  'ai.usage.promptTokens',
  'ai.usage.tokens',
  'llm.usage.prompt_tokens',
];
export const OUTPUT = [
  'gen_ai.usage.output_tokens',
  'gen_ai.usage.completion_tokens',
  'llm.token_count.completion',
  'ai.usage.outputTokens',
  'ai.usage.completionTokens',
  'llm.usage.completion_tokens',
];

function first(attributes: Attributes, names: readonly string[]): number {
  for (const name of names) {
    const value = Number(attributes[name]);
    if (value > 0) return value;
  }
  return 0;
}

/** Input and output tokens of a span together; 0 when it says nothing of them. */
export function tokensOf(attributes: Attributes): number {
  return first(attributes, INPUT) + first(attributes, OUTPUT);
}
