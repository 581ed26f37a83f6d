import { type Markup, markup } from './markup.js';
import { type Trace, type TraceSpan, type TraceSummary } from './model.js';
import { type PageTrace } from './page-data.js';
import { cut, formatDuration, formatShort, formatTime, plural, visible } from './text.js';
import { errorMessage } from './trace-error.js';

/** A list of traces; those that the page holds are buttons that open a waterfall, and tell what failed. */
export function traceList(
  rows: readonly TraceSummary[],
  traces: ReadonlyMap<string, PageTrace>,
  empty: string,
): Markup {
  if (rows.length === 0) return markup`<p class="empty">${empty}</p>`;
  const longest = Math.max(...rows.map((row) => row.durationNs), 1);
  return markup`<ol class="traces">${rows.map((row) => traceItem(row, traces.get(row.traceId), longest))}</ol>`;
}

function traceItem(row: TraceSummary, held: PageTrace | undefined, longest: number): Markup {
  const tokens = row.inputTokens + row.outputTokens;
  const facts = [
    plural(row.spans, 'span'),
    plural(row.agents, 'agent'),
    ...(tokens > 0 ? [`${formatShort(tokens)} tokens`] : []),
    ...(row.keepReason === '' ? [] : [`kept: ${cut(visible(row.keepReason), 60)}`]),
    formatTime(row.startTime),
  ].join(' · ');
  const width = ((100 * row.durationNs) / longest).toFixed(1);
  const errors = row.errors > 0 ? markup`<span class="badge">${plural(row.errors, 'error')}</span>` : [];
  const incomplete = row.complete
    ? []
    : markup`<span class="badge warn">incomplete${row.whyIncomplete === '' ? '' : `: ${cut(visible(row.whyIncomplete), 80)}`}</span>`;
  const failure = held && firstFailure(held.trace);
  const problem = failure
    ? markup`<span class="problem"><bdi>${cut(visible(`${failure.agent}: ${failure.name}`), 120)}</bdi> — <bdi>${cut(visible(errorMessage(failure)), 200)}</bdi></span>`
    : [];
  const content = markup`<span class="line"><span class="root"><bdi class="agent">${cut(visible(row.rootAgent), 80)}</bdi> <bdi>${cut(visible(row.rootName), 160)}</bdi></span>${errors}${incomplete}<span class="took">${formatDuration(row.durationNs)}</span></span>
${problem}<span class="meter"><span style="width:${width}%"></span></span><span class="small">${facts}</span>`;
  if (held) return markup`<li><button type="button" class="trace" data-trace="${row.traceId}">${content}</button></li>`;
  return markup`<li><div class="trace">${content}<span class="small">Not in this page: <code>spanbus trace ${row.traceId}</code></span></div></li>`;
}

/** The span that made the trace be kept, else the error that was over first: the ones above it only pass it on. */
function firstFailure(trace: Trace): TraceSpan | undefined {
  const failed = trace.spans.filter((span) => span.status === 'Error');
  const end = (span: TraceSpan) => span.startNs + span.durationNs;
  return failed.find((span) => span.keepReason !== '') ?? failed.sort((a, b) => end(a) - end(b))[0];
}
