import { SpanKind, type Attributes, type Span } from '@opentelemetry/api';
import { capturesContent } from '../content/capture-switch.js';
import { setContent, setResult } from './content.js';
import { conversationId, withConversation } from './conversation.js';
import { runSpan } from './run-span.js';

/** Attributes without those that are not given. */
function given(attributes: Record<string, Attributes[string]>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** Who an agent is. */
export interface AgentInfo {
  /** Low-cardinality: it names spans, frames and nodes. */
  name: string;
  id?: string | undefined;
  version?: string | undefined;
  description?: string | undefined;
  /** Such as `openai`, when the agent lives there. */
  provider?: string | undefined;
  /** True for an agent behind an API: its span is a Client's. @default false */
  remote?: boolean | undefined;
  /** Starts or joins a conversation, for this agent and all that it calls. @default the caller's */
  conversationId?: string | undefined;
}

/**
 * Runs `fn` as the agent `name`: spans below it in this service are that agent's. The span ends when what `fn` returns is
 * complete: a promise when it settles, an async iterator or stream with its last chunk.
 *
 * @example
 * await invokeAgent('planner', () => plan(question));
 */
export function invokeAgent<T>(agent: string | AgentInfo, fn: (span: Span) => T, input?: unknown): T {
  const info = typeof agent === 'string' ? { name: agent } : agent;
  if (info.conversationId !== undefined && info.conversationId !== conversationId()) {
    return withConversation(info.conversationId, () => invokeAgent(info, fn, input));
  }
  const attributes = given({
    'gen_ai.operation.name': 'invoke_agent',
    'gen_ai.agent.name': info.name,
    'gen_ai.agent.id': info.id,
    'gen_ai.agent.version': info.version,
    'gen_ai.agent.description': info.description,
    'gen_ai.provider.name': info.provider,
    'gen_ai.conversation.id': conversationId(),
  });
  const kind = info.remote ? SpanKind.CLIENT : SpanKind.INTERNAL;
  const run = (span: Span): T => {
    setContent(span, 'gen_ai.input.messages', input);
    return fn(span);
  };
  const onValue = (span: Span, value: unknown): void => setResult(span, 'gen_ai.output.messages', value);
  return runSpan(`invoke_agent ${info.name}`, { kind, attributes }, run, capturesContent() ? onValue : undefined);
}

/** What is known of a tool call. */
export interface ToolOptions {
  /** The id by which the model asked for this call. */
  callId?: string | undefined;
  /** `function`, `extension` or `datastore`. @default function */
  type?: string | undefined;
  description?: string | undefined;
  /** Stored only when content is captured. */
  arguments?: unknown;
}

/** Runs `fn` as a call of the tool `name`. */
export function executeTool<T>(name: string, fn: (span: Span) => T, options: ToolOptions = {}): T {
  const attributes = given({
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': name,
    'gen_ai.tool.type': options.type ?? 'function',
    'gen_ai.tool.call.id': options.callId,
    'gen_ai.tool.description': options.description,
    'gen_ai.conversation.id': conversationId(),
  });
  const run = (span: Span): T => {
    setContent(span, 'gen_ai.tool.call.arguments', options.arguments);
    return fn(span);
  };
  const onValue = (span: Span, value: unknown): void => setResult(span, 'gen_ai.tool.call.result', value);
  const kind = SpanKind.INTERNAL;
  return runSpan(`execute_tool ${name}`, { kind, attributes }, run, capturesContent() ? onValue : undefined);
}

/** What a model call is known by before it answers. */
export interface InferenceOptions {
  model: string;
  /** Such as `openai` or `anthropic`. */
  provider?: string | undefined;
  /** `chat`, `text_completion`, `generate_content` or `embeddings`. @default chat */
  operation?: string | undefined;
  temperature?: number | undefined;
  topP?: number | undefined;
  maxTokens?: number | undefined;
  stopSequences?: string[] | undefined;
  /** Where the model is, when it is behind an API. */
  serverAddress?: string | undefined;
  serverPort?: number | undefined;
  /** Stored only when content is captured; so is `system`. */
  messages?: unknown;
  system?: unknown;
}

/**
 * Runs `fn` as a call of a model; report what it used with `recordUsage` and what it said with `recordMessages` from inside.
 * A streamed answer's span ends with its last chunk.
 */
export function inference<T>(options: InferenceOptions, fn: (span: Span) => T): T {
  const operation = options.operation ?? 'chat';
  const attributes = given({
    'gen_ai.operation.name': operation,
    'gen_ai.request.model': options.model,
    'gen_ai.provider.name': options.provider,
    'gen_ai.request.temperature': options.temperature,
    'gen_ai.request.top_p': options.topP,
    'gen_ai.request.max_tokens': options.maxTokens,
    'gen_ai.request.stop_sequences': options.stopSequences,
    'server.address': options.serverAddress,
    'server.port': options.serverPort,
    'gen_ai.conversation.id': conversationId(),
  });
  return runSpan(`${operation} ${options.model}`, { kind: SpanKind.CLIENT, attributes }, (span) => {
    setContent(span, 'gen_ai.input.messages', options.messages);
    setContent(span, 'gen_ai.system_instructions', options.system);
    return fn(span);
  });
}
