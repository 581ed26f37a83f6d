import { createColors } from 'picocolors';
import { type Trace, type TraceSpan } from './model.js';
import { cut, formatCount, formatDuration, formatTime, plural, visible } from './text.js';
import { errorMessage } from './trace-error.js';
import { spanRole, traceExtent, type TraceRow, traceRows, traceTotals } from './trace-rows.js';

/** Options of {@link traceTree}. */
export interface TraceTreeOptions {
  /** ANSI colours. @default false */
  colour?: boolean;
}

const barWidth = 16;
/** Branches of more levels than these are not drawn; the level's number stands there instead. */
const drawnLevels = 16;
const drawnEvents = 10;
const textLength = 160;

/** One trace as a tree for the terminal: when each span ran, how long, who did what, tokens, errors and reasoning. */
export function traceTree(trace: Trace, options: TraceTreeOptions = {}): string {
  const colours = createColors(options.colour ?? false);
  const totals = traceTotals(trace);
  const extent = traceExtent(trace);
  const lines = [
    `${colours.bold(`trace ${visible(trace.traceId)}`)}  started ${formatTime(trace.startTime)}`,
    [
      formatDuration(extent.durationNs),
      plural(totals.spans, 'span'),
      plural(totals.agents, 'agent'),
      totals.errors > 0 ? colours.red(plural(totals.errors, 'error')) : 'no errors',
      ...tokens(totals.inputTokens, totals.outputTokens),
      ...(totals.keepReason === '' ? [] : [`kept because of ${cut(visible(totals.keepReason), textLength)}`]),
    ].join(' · '),
    '',
  ];
  if (trace.spans.length === 0) return `${lines.join('\n')}no spans\n`;
  lines.push(colours.dim(`     START       TOOK  ${'WHEN'.padEnd(barWidth)}  AGENT  SPAN  [ROLE]`));

  const ancestorsLast: boolean[] = [];
  for (const row of traceRows(trace)) {
    ancestorsLast.length = row.depth;
    const failed = row.span.status === 'Error';
    const bar = timeBar(row.span, extent);
    const branch = row.depth === 0 ? '' : row.last ? '└─ ' : '├─ ';
    const took = formatDuration(row.span.durationNs).padStart(11);
    lines.push(
      [
        `${colours.dim(formatDuration(row.span.startNs - extent.startNs).padStart(10))}${took}  `,
        `${failed ? colours.red(bar) : colours.cyan(bar)}  `,
        `${colours.dim(stem(ancestorsLast) + branch)}${title(row.span, colours)}`,
      ].join(''),
    );
    ancestorsLast.push(row.last);
    const indent = `${' '.repeat(25 + barWidth)}${colours.dim(`${stem(ancestorsLast)}${row.hasChildren ? '│  ' : '   '}`)}`;
    lines.push(...details(row, colours).map((detail) => indent + detail));
  }
  return `${lines.join('\n')}\n`;
}

type Colours = ReturnType<typeof createColors>;

function title(span: TraceSpan, colours: Colours): string {
  const role = spanRole(span);
  const name = cut(visible(span.name), textLength);
  return [
    colours.bold(cut(visible(span.agent), 60)),
    span.status === 'Error' ? colours.red(name) : name,
    ...(role === '' ? [] : [colours.magenta(`[${role}]`)]),
    ...tokens(span.inputTokens, span.outputTokens).map((text) => colours.yellow(text)),
  ].join('  ');
}

/** What stands under a span's line: what failed, what it thought, what it hangs from. */
function details({ span }: TraceRow, colours: Colours): string[] {
  const lines: string[] = [];
  const show = (text: string) => cut(visible(text), textLength);
  if (span.missingParent) lines.push(colours.yellow(`parent ${show(span.parentSpanId)} is missing from this trace`));
  if (span.status === 'Error') lines.push(colours.red(`ERROR ${show(errorMessage(span))}`));
  for (const link of span.links.slice(0, drawnEvents)) {
    lines.push(colours.dim(`linked to trace ${show(link.traceId)}, span ${show(link.spanId)}`));
  }
  const events = span.events.filter((event) => event.name !== 'exception');
  for (const event of events.slice(0, drawnEvents)) {
    const attributes = Object.entries(event.attributes).map(([key, value]) => `${lastPart(key)}: ${value}`);
    lines.push(
      `${colours.blue(`» ${show(event.name)}`)}${attributes.length > 0 ? ` — ${show(attributes.join(', '))}` : ''}`,
    );
  }
  if (events.length > drawnEvents) lines.push(colours.dim(`and ${plural(events.length - drawnEvents, 'more event')}`));
  return lines;
}

/** The vertical lines of the ancestors; beyond a depth that fits no screen, the number of levels left out. */
function stem(ancestorsLast: readonly boolean[]): string {
  const hidden = Math.max(0, ancestorsLast.length - 1 - drawnLevels);
  const lines = ancestorsLast.slice(1 + hidden).map((last) => (last ? '   ' : '│  '));
  return (hidden > 0 ? `(+${hidden} levels) ` : '') + lines.join('');
}

function timeBar(span: TraceSpan, extent: { startNs: number; durationNs: number }): string {
  const scale = extent.durationNs > 0 ? barWidth / extent.durationNs : 0;
  const from = Math.min(barWidth - 1, Math.floor((span.startNs - extent.startNs) * scale));
  const length = Math.min(barWidth - from, Math.round(span.durationNs * scale));
  return `${' '.repeat(from)}${length === 0 ? '▏' : '█'.repeat(length)}`.padEnd(barWidth);
}

function tokens(input: number, output: number): string[] {
  return input > 0 || output > 0 ? [`${formatCount(input)} tokens in, ${formatCount(output)} out`] : [];
}

function lastPart(key: string): string {
  return key.slice(key.lastIndexOf('.') + 1);
}
