import { type Session } from '../clickhouse/client.js';
import {
  type CallGraph,
  type GraphEdge,
  type GraphNode,
  type Stack,
  type TraceSummary,
  type Weight,
} from '../report/model.js';
import { windowParams, type Window } from './window.js';

export interface FlameOptions {
  weight: Weight;
  frames: 'span' | 'agent';
  /** Only stacks through this agent. @default all */
  agent?: string | undefined;
}

/** The stacks of a flame graph over whole hours, out of the aggregates. */
export async function readStacks(session: Session, window: Window, options: FlameOptions): Promise<Stack[]> {
  const { weight, frames, agent = '' } = options;
  return session.select<Stack>('queries/flame', { weight, frames, agent, ...windowParams(window) });
}

/** The call graph over whole hours, out of the aggregates. */
export async function readCallGraph(session: Session, window: Window): Promise<CallGraph> {
  const nodes = await session.select<GraphNode>('queries/graph_nodes', windowParams(window));
  const rows = await session.select<GraphEdge & { quantiles?: unknown; virtual: unknown }>(
    'queries/graph_edges',
    windowParams(window),
  );
  const edges = rows.map(({ quantiles: _, ...edge }) => ({ ...edge, virtual: Boolean(edge.virtual) }));
  return { nodes, edges };
}

export interface TracesOptions {
  /** Only traces with a failed span. */
  errors?: boolean;
  /** The slowest first, instead of the newest. */
  slowest?: boolean;
  limit: number;
}

/** Traces over whole hours in short, out of the aggregates. */
export async function readTraces(session: Session, window: Window, options: TracesOptions): Promise<TraceSummary[]> {
  const rows = await session.select<TraceSummary & { complete: unknown }>('queries/traces', {
    errors: options.errors === true ? 1 : 0,
    slowest: options.slowest === true ? 1 : 0,
    limit: options.limit,
    ...windowParams(window),
  });
  return rows.map((row) => ({ ...row, complete: Boolean(row.complete) }));
}

/** How many failed spans of a window were never stored: their traces were over the budget of keeps. */
export async function countUnstoredErrors(session: Session, window: Window): Promise<number> {
  const [row] = await session.select<{ errors: number }>('queries/unstored_errors', windowParams(window));
  return row?.errors ?? 0;
}

/** How many spans of a window have arrived that one of these jobs has not seen. */
export async function countUnseen(session: Session, window: Window, jobs: string[]): Promise<number> {
  const [row] = await session.select<{ spans: number }>('queries/unseen', { jobs, ...windowParams(window) });
  return row?.spans ?? 0;
}
