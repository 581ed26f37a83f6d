import { type CallGraph, type GraphEdge } from './model.js';
import { cut, formatDuration, plural, visible } from './text.js';

/** The call graph as JSON: `{nodes: [...], edges: [...]}`, durations in ns. */
export function graphJson(graph: CallGraph): string {
  return `${JSON.stringify({ nodes: graph.nodes, edges: graph.edges }, null, 2)}\n`;
}

/** The call graph in the DOT language of Graphviz. */
export function graphDot(graph: CallGraph): string {
  const lines = ['digraph calls {', '  rankdir=LR;', '  node [shape=box, style=rounded, fontname="sans-serif"];'];
  for (const point of drawnNodes(graph)) {
    const looks = point.virtual ? ', style="rounded,dashed"' : point.errors > 0 ? ', color="red"' : '';
    lines.push(`  ${quoteDot(point.key)} [label=${quoteDot(...point.lines)}${looks}];`);
  }
  for (const edge of graph.edges) {
    const looks = edge.errors > 0 ? ', color="red", fontcolor="red"' : '';
    const ends = `${quoteDot(keyOf(edge.caller, false))} -> ${quoteDot(keyOf(edge.callee, edge.virtual))}`;
    lines.push(`  ${ends} [label=${quoteDot(...edgeLines(edge))}${looks}];`);
  }
  return `${lines.join('\n')}\n}\n`;
}

/** The call graph as a Mermaid flowchart, for Markdown. */
export function graphMermaid(graph: CallGraph): string {
  const lines = ['flowchart LR'];
  const ids = new Map<string, string>();
  for (const point of drawnNodes(graph)) {
    const id = `n${ids.size}`;
    ids.set(point.key, id);
    lines.push(`  ${id}["${point.lines.map(quoteMermaid).join('<br>')}"]`);
    if (point.virtual) lines.push(`  style ${id} stroke-dasharray: 5 5`);
    else if (point.errors > 0) lines.push(`  style ${id} stroke:#c00`);
  }
  graph.edges.forEach((edge, i) => {
    const from = ids.get(keyOf(edge.caller, false)) ?? '';
    const to = ids.get(keyOf(edge.callee, edge.virtual)) ?? '';
    lines.push(`  ${from} -->|"${edgeLines(edge).map(quoteMermaid).join('<br>')}"| ${to}`);
    if (edge.errors > 0) lines.push(`  linkStyle ${i} stroke:#c00,color:#c00`);
  });
  return `${lines.join('\n')}\n`;
}

/** Something that edges end in: an agent, a caller that is no agent, or a destination where nobody answered. */
export interface DrawnNode {
  key: string;
  name: string;
  virtual: boolean;
  errors: number;
  /** The label, line by line. */
  lines: string[];
}

/** Identity of an end of an edge: a destination nobody answers on is never the agent of the same name. */
export function keyOf(name: string, virtual: boolean): string {
  return virtual ? `virtual ${name}` : `agent ${name}`;
}

/** All agents, then what only edges know. */
export function drawnNodes(graph: CallGraph): DrawnNode[] {
  const nodes = new Map<string, DrawnNode>();
  for (const { agent, spans, errors, selfNs } of graph.nodes) {
    const key = keyOf(agent, false);
    const counts = [plural(spans, 'span'), ...(errors > 0 ? [plural(errors, 'error')] : [])].join(', ');
    nodes.set(key, {
      key,
      name: agent,
      virtual: false,
      errors,
      lines: [cut(agent, 80), counts, `self ${formatDuration(selfNs)}`],
    });
  }
  const add = (name: string, virtual: boolean) => {
    const key = keyOf(name, virtual);
    const lines = virtual ? [cut(name, 80), 'never answered'] : [cut(name, 80)];
    if (!nodes.has(key)) nodes.set(key, { key, name, virtual, errors: 0, lines });
  };
  for (const edge of graph.edges) {
    add(edge.caller, false);
    add(edge.callee, edge.virtual);
  }
  return [...nodes.values()];
}

/** The label of an edge, line by line. */
export function edgeLines(edge: GraphEdge): string[] {
  const lines = [
    edge.virtual ? plural(edge.calls, 'call') : `${plural(edge.calls, 'call')}, p95 ${formatDuration(edge.p95Ns)}`,
  ];
  return edge.errors > 0 ? [...lines, plural(edge.errors, 'error')] : lines;
}

function quoteDot(...texts: string[]): string {
  const lines = texts.map((text) => visible(text).replace(/["\\]/g, '\\$&'));
  return `"${lines.join('\\n')}"`;
}

/** Mermaid takes HTML entities by number after `#`. */
function quoteMermaid(text: string): string {
  return visible(text).replace(/[^\p{L}\p{N} .,:_/-]/gu, (character) => `#${character.codePointAt(0)};`);
}
