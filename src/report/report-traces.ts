import { type Markup, markup } from './markup.js';
import { type TraceSummary } from './model.js';
import { cut, formatDuration, formatShort, formatTime, plural, visible } from './text.js';

/** A list of traces; those in `openable` are buttons that open a waterfall. */
export function traceList(rows: readonly TraceSummary[], openable: ReadonlySet<string>, empty: string): Markup {
  if (rows.length === 0) return markup`<p class="empty">${empty}</p>`;
  const longest = Math.max(...rows.map((row) => row.durationNs), 1);
  return markup`<ol class="traces">${rows.map((row) => traceItem(row, openable.has(row.traceId), longest))}</ol>`;
}

function traceItem(row: TraceSummary, opens: boolean, longest: number): Markup {
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
  const incomplete = row.complete ? [] : markup`<span class="badge warn">incomplete</span>`;
  const content = markup`<span class="line"><span class="root"><bdi class="agent">${cut(visible(row.rootAgent), 80)}</bdi> <bdi>${cut(visible(row.rootName), 160)}</bdi></span>${errors}${incomplete}<span class="took">${formatDuration(row.durationNs)}</span></span>
<span class="meter"><span style="width:${width}%"></span></span><span class="small">${facts}</span>`;
  if (opens)
    return markup`<li><button type="button" class="trace" data-trace="${row.traceId}">${content}</button></li>`;
  return markup`<li><div class="trace">${content}<span class="small">Not in this page: <code>spanbus trace ${row.traceId}</code></span></div></li>`;
}
