import { type GraphLayout, layoutGraph, type PlacedEdge, type PlacedNode } from './graph-layout.js';
import { type Markup, markup } from './markup.js';
import { type CallGraph } from './model.js';
import { cut, formatCount, formatDuration, plural, visible } from './text.js';

/** The call graph as inline SVG for a page of ours (it takes its colours from the page's style). `fill`: an agent's colour. */
export function graphSvg(graph: CallGraph, fill: (agent: string) => string): { svg: Markup; omitted: number } {
  const picture = layoutGraph(graph);
  const { width, height } = picture;
  // Shrinks to the page's width, but not below legibility: then its container scrolls.
  const style = `max-width:${width}px;min-width:${Math.min(width, Math.round(width * 0.78))}px`;
  const svg = markup`<svg class="graph" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" style="${style}" role="img" aria-label="${description(picture)}">
<defs>${arrow('arrow')}${arrow('arrow-error')}</defs>
${picture.edges.map(edgeLine)}
${picture.nodes.map((node) => nodeBox(node, fill))}
${picture.edges.map(edgeLabel)}
</svg>`;
  return { svg, omitted: picture.omitted };
}

function arrow(id: string): Markup {
  return markup`<marker id="${id}" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="9" markerHeight="9" markerUnits="userSpaceOnUse" orient="auto"><path d="M0 0L10 5L0 10z"/></marker>`;
}

function nodeBox(
  { node, agent, title, subtitles, x, y, width, height }: PlacedNode,
  fill: (agent: string) => string,
): Markup {
  const kind = node.virtual ? 'virtual' : node.name === '(root)' ? 'start' : agent ? '' : 'missing';
  const failed = node.errors > 0 ? 'failed' : '';
  const rows = subtitles.map(
    (line, i) =>
      markup`<text class="small${i === 0 && failed ? ' failed' : ''}" x="${round(x + 20)}" y="${round(y + 38 + i * 17)}">${line}</text>`,
  );
  return markup`<g class="node ${kind} ${failed}"><title>${tooltip(node.name, agent)}</title>
<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${height}" rx="${kind === 'start' ? height / 2 : 8}"/>
${agent ? markup`<rect class="stripe" x="${round(x + 6)}" y="${round(y + 8)}" width="5" height="${height - 16}" rx="2.5" style="fill:${fill(node.name)}"/>` : []}
<text class="name" x="${round(x + 20)}" y="${round(y + 20)}">${title}</text>${rows}</g>`;
}

function tooltip(name: string, agent: PlacedNode['agent']): string {
  const lines = [cut(visible(name), 300)];
  if (agent) {
    lines.push(
      `${plural(agent.spans, 'span')}, ${plural(agent.errors, 'error')}`,
      `self time ${formatDuration(agent.selfNs)}`,
    );
    lines.push(`${formatCount(agent.inputTokens)} tokens in, ${formatCount(agent.outputTokens)} out`);
  }
  return lines.join('\n');
}

function edgeLine({ edge, points }: PlacedEdge): Markup {
  const failed = edge.errors > 0;
  const width = Math.min(5, 1.2 + Math.log10(Math.max(1, edge.calls)));
  const dashes = edge.virtual ? ' virtual' : '';
  return markup`<path class="edge${failed ? ' failed' : ''}${dashes}" d="${curve(points)}" stroke-width="${round(width)}" marker-end="url(#${failed ? 'arrow-error' : 'arrow'})"/>`;
}

function edgeLabel({ edge, lines, labelX, labelY, labelWidth, labelHeight }: PlacedEdge): Markup {
  const words = [
    `${cut(visible(edge.caller), 120)} → ${cut(visible(edge.callee), 120)}`,
    `${plural(edge.calls, 'call')}, ${plural(edge.errors, 'error')}`,
    `p50 ${formatDuration(edge.p50Ns)}, p95 ${formatDuration(edge.p95Ns)}, p99 ${formatDuration(edge.p99Ns)}`,
    `queued for ${formatDuration(edge.queueP50Ns)} (p50)`,
  ];
  const first = labelY - ((lines.length - 1) * 16) / 2 + 4;
  const texts = lines.map(
    (line, i) =>
      markup`<text class="small${i > 0 ? ' failed' : ''}" text-anchor="middle" x="${round(labelX)}" y="${round(first + i * 16)}">${line}</text>`,
  );
  return markup`<g class="call"><title>${(edge.virtual ? words.slice(0, 2) : words).join('\n')}</title>
<rect x="${round(labelX - labelWidth * 0.44)}" y="${round(labelY - labelHeight / 2)}" width="${round(labelWidth * 0.88)}" height="${labelHeight}" rx="4"/>${texts}</g>`;
}

/** Through the middles of the layout's bends, so that lines are round but end exactly at the boxes. */
function curve(points: { x: number; y: number }[]): string {
  const [first, ...rest] = points;
  const last = rest.pop();
  if (first === undefined || last === undefined) return '';
  let path = `M${round(first.x)} ${round(first.y)}`;
  rest.forEach((bend, i) => {
    const next = rest[i + 1];
    const end = next ? { x: (bend.x + next.x) / 2, y: (bend.y + next.y) / 2 } : last;
    path += `Q${round(bend.x)} ${round(bend.y)} ${round(end.x)} ${round(end.y)}`;
  });
  return rest.length === 0 ? `${path}L${round(last.x)} ${round(last.y)}` : path;
}

function description({ nodes, edges }: GraphLayout): string {
  return `Call graph of ${plural(nodes.length, 'node')} and ${plural(edges.length, 'call path')}; the table below says the same in words`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
