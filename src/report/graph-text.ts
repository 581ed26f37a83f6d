import { createColors } from 'picocolors';
import { type CallGraph } from './model.js';
import { terminalTable } from './terminal-table.js';
import { cut, formatCount, formatDuration, visible } from './text.js';

/** The call graph for the terminal: who calls whom, then what each agent did. */
export function graphText(graph: CallGraph, options: { colour?: boolean } = {}): string {
  if (graph.nodes.length === 0 && graph.edges.length === 0) return 'no calls in this window\n';
  const colour = options.colour ?? false;
  const { bold, red, dim, yellow } = createColors(colour);
  const name = (agent: string) => cut(visible(agent), 60);
  const errors = (count: number) => (count > 0 ? red(formatCount(count)) : '0');

  const calls = terminalTable(
    [
      { head: 'CALLER → CALLEE' },
      { head: 'CALLS', right: true },
      { head: 'ERRORS', right: true },
      { head: 'p50', right: true },
      { head: 'p95', right: true },
      { head: 'p99', right: true },
      { head: 'QUEUED p50', right: true },
    ],
    graph.edges.map((edge) => [
      `${name(edge.caller)} ${dim('→')} ${bold(name(edge.callee))}${edge.virtual ? yellow(' (never answered)') : ''}`,
      formatCount(edge.calls),
      errors(edge.errors),
      ...[edge.p50Ns, edge.p95Ns, edge.p99Ns, edge.queueP50Ns].map(formatDuration),
    ]),
    colour,
  );
  const agents = terminalTable(
    [
      { head: 'AGENT' },
      { head: 'SPANS', right: true },
      { head: 'ERRORS', right: true },
      { head: 'SELF TIME', right: true },
      { head: 'TOKENS IN', right: true },
      { head: 'OUT', right: true },
    ],
    graph.nodes.map((node) => [
      bold(name(node.agent)),
      formatCount(node.spans),
      errors(node.errors),
      formatDuration(node.selfNs),
      formatCount(node.inputTokens),
      formatCount(node.outputTokens),
    ]),
    colour,
  );
  return [...(graph.edges.length > 0 ? [calls] : []), ...(graph.nodes.length > 0 ? [agents] : [])].join('\n');
}
