import { type TraceSpan } from './model.js';

/** What a span does, by its `gen_ai.operation.name` or, where that is missing, the first word of its name. */
const OPERATIONS: Record<string, string> = {
  chat: 'model call',
  text_completion: 'model call',
  generate_content: 'model call',
  embeddings: 'model call',
  execute_tool: 'tool',
  invoke_agent: 'agent',
  create_agent: 'agent',
  plan: 'plan',
  settle: 'acknowledges',
};

/** The words of others for the same: OpenInference's and OpenLLMetry's kinds of spans. */
const KINDS: Record<string, string> = {
  llm: 'model call',
  embedding: 'model call',
  tool: 'tool',
  agent: 'agent',
  retriever: 'retrieval',
  reranker: 'retrieval',
  workflow: 'workflow',
  task: 'task',
};

/** Vercel's AI SDK, by the end of the operation's name. */
const AI_SDK: readonly (readonly [RegExp, string])[] = [
  [/^ai\.toolCall$/, 'tool'],
  [/\.do(?:Generate|Stream|Embed|Rerank)$/, 'model call'],
  [/^ai\./, 'model loop'],
];

const BUS: Record<string, string> = { Client: 'asks', Server: 'answers', Producer: 'sends', Consumer: 'receives' };

/** The name of what a span of this role is about. */
const SUBJECTS: Record<string, readonly string[]> = {
  'model call': ['gen_ai.request.model', 'llm.model_name', 'ai.model.id'],
  'model loop': ['gen_ai.request.model', 'ai.model.id'],
  tool: ['gen_ai.tool.name', 'tool.name', 'ai.toolCall.name'],
  agent: ['gen_ai.agent.name', 'agent.name'],
};

function find(words: Record<string, string>, key: string | undefined): string | undefined {
  return key !== undefined && Object.hasOwn(words, key) ? words[key] : undefined;
}

function roleOf({ name, kind, attributes }: TraceSpan): string {
  const vendor = attributes['openinference.span.kind'] ?? attributes['traceloop.span.kind'];
  const ai = attributes['ai.operationId'];
  return (
    find(OPERATIONS, attributes['gen_ai.operation.name'] ?? name.split(' ', 1)[0]) ??
    find(KINDS, vendor?.toLowerCase()) ??
    (ai === undefined ? undefined : AI_SDK.find(([pattern]) => pattern.test(ai))?.[1]) ??
    find(BUS, kind) ??
    ''
  );
}

/** What a span is, in words a reader needs no legend for, with the model, tool or agent that its name does not tell. */
export function spanRole(span: TraceSpan): string {
  const role = roleOf(span);
  const subject = (SUBJECTS[role] ?? []).map((key) => span.attributes[key]).find((value) => value);
  return subject === undefined || span.name.includes(subject) ? role : `${role} ${subject}`;
}
