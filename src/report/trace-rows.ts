import { type Trace, type TraceSpan } from './model.js';

/** One line of a drawn trace. */
export interface TraceRow {
  span: TraceSpan;
  /** 0 for a root. */
  depth: number;
  /** True for the last child of its parent. */
  last: boolean;
  hasChildren: boolean;
  /** True when a span below reports tokens: those of this one are their sum, and count no more. */
  tokensBelow: boolean;
}

/**
 * The spans of a trace, parents before their children, siblings by start. A span whose parent is not in the trace is a root;
 * so is the earliest span of a cycle. Every span comes out exactly once, however deep or wide the tree is.
 */
export function traceRows(trace: Trace): TraceRow[] {
  const byId = new Map(trace.spans.map((span) => [span.spanId, span]));
  const children = new Map<TraceSpan, TraceSpan[]>();
  const roots: TraceSpan[] = [];
  for (const span of [...trace.spans].sort(byStart)) {
    const parent = span.missingParent || span.parentSpanId === '' ? undefined : byId.get(span.parentSpanId);
    if (parent === undefined || parent === span) {
      roots.push(span);
      continue;
    }
    const siblings = children.get(parent);
    if (siblings === undefined) children.set(parent, [span]);
    else siblings.push(span);
  }

  const rows: TraceRow[] = [];
  const seen = new Set<TraceSpan>();
  const walk = (root: TraceSpan, isLast: boolean) => {
    const open = [{ span: root, depth: 0, last: isLast }];
    seen.add(root);
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const below = (children.get(next.span) ?? []).filter((child) => !seen.has(child));
      rows.push({ ...next, hasChildren: below.length > 0, tokensBelow: false });
      for (let i = below.length - 1; i >= 0; i--) {
        const child = below[i];
        if (child === undefined) continue;
        seen.add(child);
        open.push({ span: child, depth: next.depth + 1, last: i === below.length - 1 });
      }
    }
  };
  roots.forEach((root, i) => walk(root, i === roots.length - 1));
  for (const span of [...trace.spans].sort(byStart)) if (!seen.has(span)) walk(span, true);
  markTokensBelow(rows);
  return rows;
}

const reports = ({ span }: TraceRow): boolean => span.inputTokens > 0 || span.outputTokens > 0;

function markTokensBelow(rows: readonly TraceRow[]): void {
  // From the last row up: `below[depth]` tells whether a span under the next row of that depth has reported usage.
  const below: boolean[] = [];
  for (let i = rows.length - 1; i >= 0; i--) {
    const row = rows[i]!;
    row.tokensBelow = below[row.depth + 1] ?? false;
    below[row.depth] = (below[row.depth] ?? false) || reports(row) || row.tokensBelow;
    below[row.depth + 1] = false;
  }
}

/** From the first start to the last end, in ns. */
export function traceExtent(trace: Trace): { startNs: number; durationNs: number } {
  let start = Infinity;
  let end = -Infinity;
  for (const span of trace.spans) {
    start = Math.min(start, span.startNs);
    end = Math.max(end, span.startNs + span.durationNs);
  }
  return trace.spans.length === 0 ? { startNs: 0, durationNs: 0 } : { startNs: start, durationNs: end - start };
}

/** Totals of a trace, as every head line shows them. Tokens that a descendant reports again are counted once. */
export function traceTotals(trace: Trace): {
  spans: number;
  agents: number;
  errors: number;
  inputTokens: number;
  outputTokens: number;
  keepReason: string;
  /** The conversation that the trace belongs to; empty when it says none. */
  conversation: string;
} {
  const counted = traceRows(trace).filter((row) => !row.tokensBelow);
  const inputTokens = counted.reduce((sum, { span }) => sum + span.inputTokens, 0);
  const outputTokens = counted.reduce((sum, { span }) => sum + span.outputTokens, 0);
  return {
    spans: trace.spans.length,
    agents: new Set(trace.spans.map((span) => span.agent)).size,
    errors: trace.spans.filter((span) => span.status === 'Error').length,
    inputTokens,
    outputTokens,
    keepReason: trace.spans.find((span) => span.keepReason !== '')?.keepReason ?? '',
    conversation: trace.spans.map((span) => span.attributes['gen_ai.conversation.id']).find((id) => id) ?? '',
  };
}

function byStart(a: TraceSpan, b: TraceSpan): number {
  return a.startNs - b.startNs || (a.spanId < b.spanId ? -1 : a.spanId > b.spanId ? 1 : 0);
}
