import { agentFills } from './colours.js';
import { edgeLines } from './graph-formats.js';
import { graphSvg } from './graph-svg.js';
import { type Markup, markup } from './markup.js';
import { type CallGraph } from './model.js';
import { renderPage } from './page.js';
import { cut, formatCount, formatDuration, formatShort, plural, visible } from './text.js';

/** The call graph as a page: a picture, and tables that say the same in numbers. It contains no script. */
export function graphHtml(graph: CallGraph, options: { title?: string } = {}): string {
  const title = options.title ?? 'Call graph';
  const fill = agentFills(graph.nodes.map(({ agent }) => agent).sort());
  const body = markup`<main><header class="top"><h1>${visible(title)}</h1></header>
<section class="card">${graphSection(graph, fill, true)}</section></main>`;
  return renderPage({ title, body });
}

/** Picture and tables of a call graph, without a frame. `open`: the tables are unfolded. */
export function graphSection(graph: CallGraph, fill: (agent: string) => string, open: boolean): Markup {
  if (graph.nodes.length === 0 && graph.edges.length === 0) {
    return markup`<p class="empty">Nothing in this window: no agent called another.</p>`;
  }
  const { svg, omitted } = graphSvg(graph, fill);
  const note =
    omitted > 0
      ? markup`<p class="note">${plural(omitted, 'smaller call path')} left out of the picture; the table has all of them.</p>`
      : [];
  const unfolded = open ? markup` open` : [];
  return markup`<div class="scroll picture" tabindex="0">${svg}</div>${callList(graph, fill)}${note}
<details class="numbers"${unfolded}><summary>The same in numbers</summary>
<div class="scroll" tabindex="0"><table><thead><tr><th>Caller → callee</th><th class="n">Calls</th><th class="n">Errors</th><th class="n">p50</th><th class="n">p95</th><th class="n">p99</th><th class="n">Queued p50</th></tr></thead>
<tbody>${graph.edges.map(edgeRow)}</tbody></table></div>
<div class="scroll" tabindex="0"><table><thead><tr><th>Agent</th><th class="n">Spans</th><th class="n">Errors</th><th class="n">Self time</th><th class="n">Tokens in</th><th class="n">Tokens out</th></tr></thead>
<tbody>${graph.nodes.map((node) => nodeRow(node, fill))}</tbody></table></div></details>`;
}

/** What a narrow page shows instead of the picture: every caller, and below it whom it calls. */
function callList(graph: CallGraph, fill: (agent: string) => string): Markup {
  const byCaller = new Map<string, CallGraph['edges']>();
  for (const edge of graph.edges) byCaller.set(edge.caller, [...(byCaller.get(edge.caller) ?? []), edge]);
  const dot = (agent: string) => markup`<i class="dot" style="background:${fill(agent)}"></i>`;
  const item = (edge: CallGraph['edges'][number]) =>
    markup`<li>→ ${edge.virtual ? [] : dot(edge.callee)}<bdi class="agent">${name(edge.callee)}</bdi> <span class="small">${edgeLines(edge)[0] ?? ''}${edge.virtual ? ', never answered' : ''}</span>${edge.errors > 0 ? markup` <span class="badge">${plural(edge.errors, 'error')}</span>` : []}</li>`;
  return markup`<ul class="calls">${[...byCaller].map(
    ([caller, edges]) =>
      markup`<li>${dot(caller)}<bdi class="agent">${name(caller)}</bdi> calls<ul>${edges.map(item)}</ul></li>`,
  )}</ul>`;
}

function edgeRow(edge: CallGraph['edges'][number]): Markup {
  const times = [edge.p50Ns, edge.p95Ns, edge.p99Ns, edge.queueP50Ns].map(
    (ns) => markup`<td class="n">${formatDuration(ns)}</td>`,
  );
  const unanswered = edge.virtual ? markup` <em>never answered</em>` : [];
  return markup`<tr><td><bdi>${name(edge.caller)}</bdi> → <bdi>${name(edge.callee)}</bdi>${unanswered}</td><td class="n">${formatCount(edge.calls)}</td>${errorCell(edge.errors)}${times}</tr>`;
}

function nodeRow(node: CallGraph['nodes'][number], fill: (agent: string) => string): Markup {
  return markup`<tr><td><i class="dot" style="background:${fill(node.agent)}"></i><bdi>${name(node.agent)}</bdi></td><td class="n">${formatCount(node.spans)}</td>${errorCell(node.errors)}<td class="n">${formatDuration(node.selfNs)}</td><td class="n">${formatShort(node.inputTokens)}</td><td class="n">${formatShort(node.outputTokens)}</td></tr>`;
}

function errorCell(errors: number): Markup {
  return markup`<td class="n${errors > 0 ? ' failed' : ''}">${formatCount(errors)}</td>`;
}

function name(agent: string): string {
  return cut(visible(agent), 120);
}
