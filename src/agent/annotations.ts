import { trace, type AttributeValue } from '@opentelemetry/api';
import { attempt, ignored } from './ignored.js';

/** What a model call used. Counts are tokens. */
export interface Usage {
  /** All of the prompt, with what came out of a cache. */
  inputTokens?: number | undefined;
  /** All of the answer, with what was thought on the way. */
  outputTokens?: number | undefined;
  /** Of the input: read from the provider's cache. */
  cachedInputTokens?: number | undefined;
  /** Of the output: spent on reasoning. */
  reasoningTokens?: number | undefined;
  /** The model that answered. */
  model?: string | undefined;
  provider?: string | undefined;
  /** US dollars. */
  costUsd?: number | undefined;
  /** Such as `['stop']` or `['tool_calls']`. */
  finishReasons?: string[] | undefined;
  responseId?: string | undefined;
}

const ATTRIBUTES: readonly (readonly [keyof Usage, string])[] = [
  ['inputTokens', 'gen_ai.usage.input_tokens'],
  ['outputTokens', 'gen_ai.usage.output_tokens'],
  ['cachedInputTokens', 'gen_ai.usage.cache_read.input_tokens'],
  ['reasoningTokens', 'gen_ai.usage.reasoning.output_tokens'],
  ['model', 'gen_ai.response.model'],
  ['provider', 'gen_ai.provider.name'],
  ['costUsd', 'spanbus.cost_usd'],
  ['finishReasons', 'gen_ai.response.finish_reasons'],
  ['responseId', 'gen_ai.response.id'],
];

/** Puts what a model call used on the active span; does nothing without one. Called again, the later values stand. */
export function recordUsage(usage: Usage): void {
  const span = trace.getActiveSpan();
  if (!span?.isRecording()) return;
  attempt('recordUsage', () => {
    for (const [key, attribute] of ATTRIBUTES) {
      const value: AttributeValue | undefined = usage[key];
      if (value !== undefined) span.setAttribute(attribute, value);
    }
  });
}

function addEvent(name: string, attribute: string, value: AttributeValue): void {
  const span = trace.getActiveSpan();
  if (span?.isRecording()) attempt(`the event ${name}`, () => span.addEvent(name, { [attribute]: value }));
}

/** Notes a step of reasoning as an event `reasoning` on the active span; does nothing without one. */
export function recordReasoning(text: string): void {
  if (typeof text !== 'string') return ignored('recordReasoning');
  addEvent('reasoning', 'gen_ai.reasoning.text', text);
}

/** Notes what an agent is going to do as an event `plan` on the active span; does nothing without one. */
export function recordPlan(steps: readonly string[]): void {
  const copy = attempt('recordPlan', () => (Array.isArray(steps) ? [...(steps as string[])] : ignored('recordPlan')));
  if (copy) addEvent('plan', 'gen_ai.plan.steps', copy);
}

/** Notes that `agent` takes over as an event `handoff` on the active span; does nothing without one. */
export function recordHandoff(agent: string): void {
  if (typeof agent !== 'string') return ignored('recordHandoff');
  addEvent('handoff', 'gen_ai.handoff.agent', agent);
}
