import { trace } from '@opentelemetry/api';

/** What a model call used. Counts are tokens. */
export interface Usage {
  inputTokens?: number;
  outputTokens?: number;
  cachedInputTokens?: number;
  reasoningTokens?: number;
  /** The model that answered. */
  model?: string;
}

const ATTRIBUTES: Record<keyof Usage, string> = {
  inputTokens: 'gen_ai.usage.input_tokens',
  outputTokens: 'gen_ai.usage.output_tokens',
  cachedInputTokens: 'gen_ai.usage.cache_read.input_tokens',
  reasoningTokens: 'gen_ai.usage.reasoning.output_tokens',
  model: 'gen_ai.response.model',
};

/** Puts token counts on the active span; does nothing without one. */
export function recordUsage(usage: Usage): void {
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return;
  for (const key of Object.keys(ATTRIBUTES) as (keyof Usage)[]) {
    const value = usage[key];
    if (value !== undefined) span.setAttribute(ATTRIBUTES[key], value);
  }
}

/** Notes a step of reasoning as an event on the active span; does nothing without one. */
export function recordReasoning(text: string): void {
  trace.getActiveSpan()?.addEvent('reasoning', { 'gen_ai.reasoning.text': text });
}
