import { SpanKind, type Attributes, type Span } from '@opentelemetry/api';
import { runSpan } from './run-span.js';

/** Attributes without those that are not given. */
function given(attributes: Record<string, string | undefined>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/**
 * Runs `fn` as the agent `name`: spans below it in this service are that agent's.
 *
 * @example
 * await invokeAgent('planner', () => plan(question));
 */
export function invokeAgent<T>(name: string, fn: (span: Span) => T): T {
  const attributes = { 'gen_ai.operation.name': 'invoke_agent', 'gen_ai.agent.name': name };
  return runSpan(`invoke_agent ${name}`, { kind: SpanKind.INTERNAL, attributes }, fn);
}

/** Runs `fn` as a call of the tool `name`. */
export function executeTool<T>(name: string, fn: (span: Span) => T, options: { callId?: string } = {}): T {
  const attributes = given({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'gen_ai.tool.type': 'function',
    'gen_ai.tool.call.id': options.callId,
  });
  return runSpan(`execute_tool ${name}`, { kind: SpanKind.INTERNAL, attributes }, fn);
}

/** What a model call is known by before it answers. */
export interface InferenceOptions {
  model: string;
  /** Such as `openai` or `anthropic`. */
  provider?: string;
}

/** Runs `fn` as a call of a model; report what it used with {@link recordUsage} from inside. */
export function inference<T>(options: InferenceOptions, fn: (span: Span) => T): T {
  const attributes = given({
    'gen_ai.operation.name': 'chat',
    'gen_ai.request.model': options.model,
    'gen_ai.provider.name': options.provider,
  });
  return runSpan(`chat ${options.model}`, { kind: SpanKind.CLIENT, attributes }, fn);
}
