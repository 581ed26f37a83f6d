import { browserScript } from './browser-script.js';
import { agentFills, agentOfFrame } from './colours.js';
import { packStacks } from './flame-data.js';
import { flamePanel } from './flame-panel.js';
import { graphSection } from './graph-html.js';
import { type Markup, markup } from './markup.js';
import { type CallGraph, type Stack, type Trace, type TraceSummary, type Weight } from './model.js';
import { renderPage } from './page.js';
import { type PageTrace, type ReportPageData } from './page-data.js';
import { pageTrace } from './page-trace.js';
import { totalsTiles } from './report-totals.js';
import { traceList } from './report-traces.js';
import { formatTime, plural, visible } from './text.js';
import { weights } from './weight.js';

/** The stacks of one window, by weight and kind of frame. A weight left out cannot be chosen in the page. */
export type Flames = Partial<Record<Weight, { spans: readonly Stack[]; agents: readonly Stack[] }>>;

/** Everything a report shows. */
export interface ReportInput {
  title: string;
  /** ISO times. */
  window: { from: string; to: string };
  graph: CallGraph;
  flames: Flames;
  /** The window before, of the same length: the page can compare with it. */
  before?: Flames;
  slowest: readonly TraceSummary[];
  failed: readonly TraceSummary[];
  /** Whole traces of the two lists; these open in the page. */
  traces: readonly Trace[];
}

/** Spans of all traces together that a page carries. */
const maxSpans = 20_000;

/** A window as one self-contained page: totals, call graph, flame graphs, comparison, slowest and failed traces. */
export function reportPage(input: ReportInput): string {
  const { title, window, graph, flames, before, slowest, failed } = input;
  const span = packStacks(...stacksOf(flames, before, 'spans'));
  const agent = packStacks(...stacksOf(flames, before, 'agents'));
  const { traces, omitted } = pageTraces(input.traces);
  const agents = [
    ...new Set([
      ...graph.nodes.map((node) => node.agent),
      ...[...span.names, ...agent.names].map(agentOfFrame),
      ...traces.flatMap(({ trace }) => trace.spans.map((one) => one.agent)),
    ]),
  ].sort();
  const chosen = weights.filter((weight) => flames[weight] !== undefined);
  const nothing =
    graph.nodes.length === 0 && graph.edges.length === 0 && span.frame.length === 1 && slowest.length === 0;
  const header = markup`<header class="top"><h1>${visible(title)}</h1><p class="window">${formatTime(window.from)} to ${formatTime(window.to)}</p></header>`;
  if (nothing && failed.length === 0) {
    return renderPage({ title, body: markup`<main>${header}${emptyCard()}</main>` });
  }

  const held = new Map(traces.map((entry) => [entry.trace.traceId, entry]));
  const tracesNote =
    omitted > 0
      ? markup`<p class="note">${plural(omitted, 'long trace')} too large for this page; spanbus trace shows them.</p>`
      : [];
  const panel =
    chosen.length > 0
      ? flamePanel({ weights: chosen, frames: ['span', 'agent'], comparable: before !== undefined })
      : markup`<p class="empty">No flame graph was computed for this window.</p>`;
  const body = markup`<main>${header}
${totalsTiles(graph, span)}
<section class="card" aria-labelledby="graph-title"><h2 id="graph-title">Who calls whom</h2>${graphSection(graph, agentFills(agents), false)}</section>
<section class="card" aria-labelledby="flame-title"><h2 id="flame-title">Where it goes</h2>
${panel}</section>
<div class="columns">
<section class="card" aria-labelledby="slowest-title"><h2 id="slowest-title">Slowest traces</h2>${traceList(slowest, held, 'No finished traces in this window.')}</section>
<section class="card" aria-labelledby="failed-title"><h2 id="failed-title">Failed traces</h2>${traceList(failed, held, 'No trace failed in this window.')}</section>
</div>${tracesNote}
</main>
<dialog id="trace-view" aria-labelledby="trace-title"><header><h2 id="trace-title">Trace</h2><button type="button" class="close">Close</button></header><div class="content"></div></dialog>`;
  const data: ReportPageData = { flames: { span, agent }, agents, traces };
  return renderPage({ title, body, script: browserScript('report'), data });
}

type ByWeight = Partial<Record<Weight, readonly Stack[]>>;

function stacksOf(flames: Flames, before: Flames | undefined, kind: 'spans' | 'agents'): [ByWeight, ByWeight] {
  const pick = (from: Flames | undefined): ByWeight =>
    Object.fromEntries(weights.flatMap((weight) => (from?.[weight] ? [[weight, from[weight][kind]]] : [])));
  return [pick(flames), pick(before)];
}

/** Whole traces while they fit; the same trace may stand in both lists. */
function pageTraces(traces: readonly Trace[]): { traces: PageTrace[]; omitted: number } {
  const unique = [...new Map(traces.map((trace) => [trace.traceId, trace])).values()];
  const kept: PageTrace[] = [];
  let spans = 0;
  for (const trace of unique) {
    const entry = pageTrace(trace);
    if (spans + entry.trace.spans.length > maxSpans) continue;
    spans += entry.trace.spans.length;
    kept.push(entry);
  }
  return { traces: kept, omitted: unique.length - kept.length };
}

function emptyCard(): Markup {
  return markup`<section class="card nothing"><h2>Nothing in this window</h2>
<p>No spans arrived between these two times. If agents were at work, check that their exporter reaches this ClickHouse, that <code>spanbus jobs run</code> has run since, and that the window is the right one (<code>--from</code>, <code>--to</code>).</p></section>`;
}
