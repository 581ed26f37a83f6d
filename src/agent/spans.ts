import { SpanKind, type Attributes, type Span, type SpanOptions } from '@opentelemetry/api';
import { capturesContent } from '../content/capture-switch.js';
import { setContent, setResult } from './content.js';
import { conversationId, withConversation } from './conversation.js';
import { attempt, ignored } from './ignored.js';
import { runSpan } from './run-span.js';

/** Attributes without those that are not given. */
function given(attributes: Record<string, Attributes[string]>): Attributes {
  return Object.fromEntries(Object.entries(attributes).filter(([, value]) => value !== undefined));
}

/** Options of a call from anybody's code: what is no object says nothing. */
function optionsOf<O extends object>(what: string, options: O): Partial<O> {
  if (typeof options === 'object' && options !== null) return options;
  ignored(what);
  return {};
}

/** What a call's span starts with; where that cannot be read, what kind of call it is. */
function described(operation: string, kind: SpanKind, read: () => Attributes): SpanOptions {
  const attributes = attempt(operation, () => given({ ...read(), 'gen_ai.conversation.id': conversationId() }));
  return { kind, attributes: { 'gen_ai.operation.name': operation, ...attributes } };
}

/** `operation` and whom it calls, where that has a name. */
function nameOf({ attributes = {} }: SpanOptions, key: string): string {
  const operation = attributes['gen_ai.operation.name'] as string;
  const name = attributes[key];
  return typeof name === 'string' && name !== '' ? `${operation} ${name}` : operation;
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
  const info = typeof agent === 'string' ? { name: agent } : optionsOf<AgentInfo>('invokeAgent', agent);
  const conversation = attempt('invokeAgent', () => info.conversationId);
  const invoke = (): T => {
    const kind = attempt('invokeAgent', () => info.remote) ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const options = described('invoke_agent', kind, () => ({
      'gen_ai.agent.name': info.name,
      'gen_ai.agent.id': info.id,
      'gen_ai.agent.version': info.version,
      'gen_ai.agent.description': info.description,
      'gen_ai.provider.name': info.provider,
    }));
    const run = (span: Span): T => {
      setContent(span, 'gen_ai.input.messages', input);
      return fn(span);
    };
    const onValue = (span: Span, value: unknown): void => setResult(span, 'gen_ai.output.messages', value);
    return runSpan(nameOf(options, 'gen_ai.agent.name'), options, run, capturesContent() ? onValue : undefined);
  };
  const isNew = conversation !== undefined && conversation !== conversationId();
  return isNew ? withConversation(conversation, invoke) : invoke();
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
  const known = optionsOf('executeTool', options);
  const spanOptions = described('execute_tool', SpanKind.INTERNAL, () => ({
    'gen_ai.tool.name': name,
    'gen_ai.tool.type': known.type ?? 'function',
    'gen_ai.tool.call.id': known.callId,
    'gen_ai.tool.description': known.description,
  }));
  const run = (span: Span): T => {
    attempt('executeTool', () => setContent(span, 'gen_ai.tool.call.arguments', known.arguments));
    return fn(span);
  };
  const onValue = (span: Span, value: unknown): void => setResult(span, 'gen_ai.tool.call.result', value);
  return runSpan(nameOf(spanOptions, 'gen_ai.tool.name'), spanOptions, run, capturesContent() ? onValue : undefined);
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
  const known = optionsOf<InferenceOptions>('inference', options);
  const spanOptions = described('chat', SpanKind.CLIENT, () => ({
    'gen_ai.operation.name': typeof known.operation === 'string' ? known.operation : 'chat',
    'gen_ai.request.model': known.model,
    'gen_ai.provider.name': known.provider,
    'gen_ai.request.temperature': known.temperature,
    'gen_ai.request.top_p': known.topP,
    'gen_ai.request.max_tokens': known.maxTokens,
    'gen_ai.request.stop_sequences': known.stopSequences,
    'server.address': known.serverAddress,
    'server.port': known.serverPort,
  }));
  return runSpan(nameOf(spanOptions, 'gen_ai.request.model'), spanOptions, (span) => {
    attempt('inference', () => {
      setContent(span, 'gen_ai.input.messages', known.messages);
      setContent(span, 'gen_ai.system_instructions', known.system);
    });
    return fn(span);
  });
}
