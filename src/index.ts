/**
 * Tracing for agents on a message bus: the provider, the propagator, and what adapters are built from.
 *
 * @module spanbus
 */
export { createTracing, type Tracing, type TracingStats } from './tracing.js';
export { SpanbusSpanProcessor } from './otel-sdk/span-processor.js';
export type { TracingOptions } from './options.js';
export type { Batch, DropReason, ExporterStats, SpanSink } from './export/batch-exporter.js';
export type { ExportedSpan } from './export/span-columns.js';
export { propagator } from './propagation/propagator.js';
export { parseTraceparent, formatTraceparent, TRACEPARENT_LENGTH } from './propagation/traceparent.js';
export {
  readTraceparent,
  writeTraceparent,
  type SpanGetter,
  type SpanSetter,
} from './propagation/traceparent-bytes.js';
export { RepeatedText, startsWith } from './propagation/repeated-text.js';
export type { TraceIds } from './trace/ids.js';
export type { RemoteSpan } from './trace/remote-span.js';
export { withSpan } from './trace/context.js';
export { recordError, stackOf } from './trace/record-error.js';
export { ExportError, InvalidOptionError, SpanbusError } from './errors.js';
export { traceAgent, type TraceAgentOptions } from './agent/trace-agent.js';
export {
  executeTool,
  inference,
  invokeAgent,
  type AgentInfo,
  type InferenceOptions,
  type ToolOptions,
} from './agent/spans.js';
export { recordHandoff, recordPlan, recordReasoning, recordUsage, type Usage } from './agent/annotations.js';
export { conversationId, withConversation } from './agent/conversation.js';
export { extractMeta, injectMeta, withMeta, type Meta } from './agent/meta.js';
export { recordMessages, type Messages } from './agent/content.js';
export type { Redact } from './content/redaction.js';
export { capturesContent } from './content/capture-switch.js';
export { recordBody } from './content/record-body.js';
export { keepHub, type KeepChannel, type KeepHub } from './sampling/keep-hub.js';
export { KEEP_HEADER } from './sampling/keep-message.js';
export type { SamplingStats } from './sampling/tail-sampler.js';
export { keep } from './sampling/keep.js';
export { templateOf } from './destination-template.js';
export { createRpc } from './rpc/create-rpc.js';
export { Limit } from './rpc/limit.js';
export { NoRespondersError, RemoteError, RequestTimeoutError, RpcClosedError } from './rpc/errors.js';
export { ID as RPC_ID, REPLY_TO as RPC_REPLY_TO, type RpcHeaders } from './rpc/headers.js';
export type {
  RequestHandler,
  RequestOptions,
  RespondOptions,
  Responder,
  Rpc,
  RpcData,
  RpcRequest,
  RpcStats,
} from './rpc/rpc.js';
export type { Incoming, IncomingReply, IncomingRequest, RpcTransport } from './rpc/transport.js';
