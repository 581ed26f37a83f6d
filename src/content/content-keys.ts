/**
 * Attributes that hold what was said to a model, by a model, to a tool or by a tool, in the names of everybody who writes them.
 * docs/agents.md lists them.
 */
const KEYS = new Set([
  // OpenTelemetry's GenAI conventions, today's and yesterday's
  'gen_ai.input.messages',
  'gen_ai.output.messages',
  'gen_ai.system_instructions',
  'gen_ai.tool.call.arguments',
  'gen_ai.tool.call.result',
  'gen_ai.tool.definitions',
  'gen_ai.prompt',
  'gen_ai.completion',
  'gen_ai.event.content',
  'gen_ai.retrieval.query.text',
  'gen_ai.retrieval.documents',
  'gen_ai.evaluation.explanation',
  // bodies
  'messaging.message.body',
  'rpc.message.body',
  'http.request.body',
  'http.response.body',
  // Vercel AI SDK
  'ai.prompt',
  'ai.result.text',
  'ai.result.object',
  'ai.result.toolCalls',
  'ai.response.text',
  'ai.response.object',
  'ai.response.toolCalls',
  'ai.response.reasoning',
  'ai.response.files',
  'ai.toolCall.args',
  'ai.toolCall.result',
  'ai.value',
  'ai.values',
  'ai.embedding',
  'ai.embeddings',
  'ai.documents',
  'ai.ranking',
  'ai.schema',
  // OpenInference
  'input.value',
  'output.value',
  'llm.prompts',
  'llm.function_call',
  'llm.prompt_template.template',
  'llm.prompt_template.variables',
  'embedding.text',
  'embedding.vector',
  'reranker.query',
  'tool.parameters',
  // OpenLLMetry
  'llm.completions',
  'llm.responses',
  'traceloop.entity.input',
  'traceloop.entity.output',
  'mcp.request.argument',
  'mcp.response.value',
  // Langfuse, LangSmith, MLflow, Pydantic AI
  'langfuse.observation.input',
  'langfuse.observation.output',
  'langfuse.trace.input',
  'langfuse.trace.output',
  'langsmith.inputs',
  'langsmith.outputs',
  'mlflow.spanInputs',
  'mlflow.spanOutputs',
  'all_messages_events',
  'pydantic_ai.all_messages',
  'final_result',
  'tool_arguments',
  'tool_response',
]);

/** Everything below these: messages and documents that are spread over one attribute per field. */
const PREFIXES = [
  'gen_ai.prompt.',
  'gen_ai.completion.',
  'ai.prompt.',
  'ai.request.headers.',
  'input.images.',
  'output.images.',
  'llm.input_messages.',
  'llm.output_messages.',
  'llm.prompts.',
  'llm.completions.',
  'llm.choices.',
  'llm.tools.',
  'llm.request.functions.',
  'embedding.embeddings.',
  'retrieval.documents.',
  'reranker.input_documents.',
  'reranker.output_documents.',
  'message.content',
  'message_content.',
  'http.request.body.',
  'http.response.body.',
];

/** Keys are few and come again with every span. */
const MAX_KNOWN = 4096;
const known = new Map<string, boolean>();

/** Whether an attribute of this name holds content. */
export function isContentKey(key: string): boolean {
  let content = known.get(key);
  if (content === undefined) {
    content = KEYS.has(key) || PREFIXES.some((prefix) => key.startsWith(prefix));
    if (known.size >= MAX_KNOWN) known.clear();
    known.set(key, content);
  }
  return content;
}

/** Events that are a message each, such as `gen_ai.user.message` and `gen_ai.choice`. */
const MESSAGE_EVENT = /^gen_ai\.(?:(?:system|user|assistant|tool)\.message|choice|content\.(?:prompt|completion))$/;

/** What is about a message rather than in it. */
const ABOUT_MESSAGES = new Set(['gen_ai.system', 'gen_ai.provider.name', 'role', 'index', 'finish_reason', 'id']);

/** Whether an attribute of an event holds content. */
export function isEventContentKey(event: string, key: string): boolean {
  return isContentKey(key) || (MESSAGE_EVENT.test(event) && !ABOUT_MESSAGES.has(key));
}
