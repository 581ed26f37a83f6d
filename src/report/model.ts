/** One stack of a flame graph: frames from the root down, and its own (exclusive) value. Values: ns for `self` and `critical`, whole numbers else. */
export interface Stack {
  frames: string[];
  value: number;
}
/** Node of the call graph: one agent. */
export interface GraphNode {
  agent: string;
  spans: number;
  errors: number;
  selfNs: number;
  inputTokens: number;
  outputTokens: number;
}
/** Edge of the call graph. `virtual`: the callee never answered and is known by its destination only. */
export interface GraphEdge {
  caller: string;
  callee: string;
  calls: number;
  errors: number;
  p50Ns: number;
  p95Ns: number;
  p99Ns: number;
  queueP50Ns: number;
  virtual: boolean;
}
export interface CallGraph {
  nodes: GraphNode[];
  edges: GraphEdge[];
}
/** One span as the reports need it. `startNs` is relative to the trace's first span. */
export interface TraceSpan {
  spanId: string;
  parentSpanId: string;
  name: string;
  kind: string;
  service: string;
  agent: string;
  startNs: number;
  durationNs: number;
  status: 'Unset' | 'Ok' | 'Error';
  statusMessage: string;
  attributes: Record<string, string>;
  events: { name: string; atNs: number; attributes: Record<string, string> }[];
  links: { traceId: string; spanId: string }[];
  inputTokens: number;
  outputTokens: number;
  keepReason: string;
  missingParent: boolean;
}
export interface Trace {
  traceId: string;
  startTime: string;
  spans: TraceSpan[];
}
/** One row of a list of traces. */
export interface TraceSummary {
  traceId: string;
  startTime: string;
  rootName: string;
  rootAgent: string;
  durationNs: number;
  spans: number;
  agents: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  keepReason: string;
  complete: boolean;
  /** Why not: `evicted`, `process lost`, `running`; empty when it is complete. */
  whyIncomplete: string;
  /** Services that had thrown spans of it away before it was kept. */
  missedBy: string[];
}
export type Weight = 'self' | 'critical' | 'tokens' | 'errors' | 'calls';
