import { type PageTrace } from '../page-data.js';
import { formatCount, formatDuration, formatTime, plural, visible } from '../text.js';
import { errorMessage } from '../trace-error.js';
import { spanRole } from '../span-role.js';
import { traceExtent, type TraceRow, traceRows, traceTotals } from '../trace-rows.js';
import { element } from './dom.js';
import { spanFacts } from './span-facts.js';

/** Rows drawn at once; a button brings the next. */
const rowsAtOnce = 500;
/** Indentation stops here, else names of deep traces leave the screen. */
const indentedLevels = 14;

/** A trace as rows over a time axis; a row opens to the span's attributes, events and links. */
export function waterfall({ trace, notes }: PageTrace, fill: (agent: string) => string): HTMLElement {
  const extent = traceExtent(trace);
  const rows = traceRows(trace);
  const list = element('div', rows.length > 200 ? 'rows long' : 'rows');
  const more = element('button', 'more');
  let drawn = 0;
  const drawMore = (upTo = drawn + rowsAtOnce) => {
    list.append(...rows.slice(drawn, upTo).map((row) => spanRow(row, extent, fill)));
    drawn = Math.min(rows.length, Math.max(drawn, upTo));
    more.hidden = drawn >= rows.length;
    more.textContent = `Show more: ${formatCount(drawn)} of ${plural(rows.length, 'span')} are drawn`;
  };
  more.type = 'button';
  more.addEventListener('click', () => drawMore());
  drawMore();

  const failed = rows.flatMap((row, i) => (row.span.status === 'Error' ? [i] : []));
  let visited = -1;
  const next = element(
    'button',
    'next-error',
    failed.length === 1 ? 'Go to the error' : `Next of ${plural(failed.length, 'error')}`,
  );
  next.type = 'button';
  next.hidden = failed.length === 0;
  next.addEventListener('click', () => {
    visited = (visited + 1) % failed.length;
    const index = failed[visited] ?? 0;
    if (index >= drawn) drawMore(index + 1);
    const row = list.children[index] as HTMLDetailsElement;
    row.open = true;
    row.scrollIntoView({ block: 'center' });
    row.querySelector('summary')?.focus();
  });
  const shownNotes = notes.map((note) => element('p', 'note', note));
  return element('div', 'waterfall', totalsLine(trace), next, ...shownNotes, axis(extent.durationNs), list, more);
}

function totalsLine(trace: PageTrace['trace']): HTMLElement {
  const totals = traceTotals(trace);
  const parts = [
    `${formatTime(trace.startTime)}`,
    formatDuration(traceExtent(trace).durationNs),
    plural(totals.spans, 'span'),
    plural(totals.agents, 'agent'),
    plural(totals.errors, 'error'),
    `${formatCount(totals.inputTokens)} tokens in, ${formatCount(totals.outputTokens)} out`,
    ...(totals.keepReason === '' ? [] : [`kept because of ${visible(totals.keepReason)}`]),
  ];
  return element('p', 'totals', parts.join(' · '));
}

function axis(durationNs: number): HTMLElement {
  const lane = element('span', 'lane');
  for (const share of [0, 0.25, 0.5, 0.75, 1]) {
    const tick = element('span', 'tick', formatDuration(durationNs * share));
    tick.style.left = `${share * 100}%`;
    if (share === 1) tick.classList.add('end');
    lane.append(tick);
  }
  return element('div', 'axis', element('span', 'what', 'Span'), element('span', 'took', 'Took'), lane);
}

function spanRow(row: TraceRow, extent: { startNs: number; durationNs: number }, fill: (agent: string) => string) {
  const { span, depth } = row;
  const failed = span.status === 'Error';
  const colour = fill(span.agent);

  const dot = element('i', 'dot');
  dot.style.background = colour;
  const role = spanRole(span);
  const deep = depth > indentedLevels ? [element('span', 'level', `level ${depth}`)] : [];
  const label = element('span', 'label', ...deep, dot, element('bdi', 'agent', visible(span.agent)));
  label.append(element('bdi', 'name', visible(span.name)));
  if (role !== '') label.append(element('span', 'role', role));
  if (span.missingParent) label.append(element('span', 'role warn', 'parent missing'));
  const what = element('span', 'what', label);
  what.style.setProperty('--depth', String(Math.min(depth, indentedLevels)));
  if (failed) what.append(element('span', 'problem', visible(errorMessage(span))));

  const bar = element('span', 'bar');
  const scale = extent.durationNs > 0 ? 100 / extent.durationNs : 0;
  bar.style.left = `${Math.min(99.7, (span.startNs - extent.startNs) * scale)}%`;
  bar.style.width = `${span.durationNs * scale}%`;
  bar.style.background = colour;
  const took = element('span', 'took', formatDuration(span.durationNs));
  const details = element('details', failed ? 'span failed' : 'span');
  details.append(element('summary', '', what, took, element('span', 'lane', bar)));
  // The facts are made when somebody looks: a trace of thousands of spans opens at once.
  details.addEventListener('toggle', () => details.append(spanFacts(span, extent.startNs)), { once: true });
  return details;
}
