import { createColors } from 'picocolors';
import { type Trace, type TraceSpan } from './model.js';
import { cut, formatCount, formatDuration, formatTime, plural, visible } from './text.js';
import { SpanEvents, spanFacts, type SpanNote } from './span-notes.js';
import { spanRole } from './span-role.js';
import { traceExtent, type TraceRow, traceRows, traceTotals } from './trace-rows.js';

/** Options of {@link traceTree}. */
export interface TraceTreeOptions {
  /** ANSI colours. @default false */
  colour?: boolean;
}

const barWidth = 16;
/** Branches of more levels than these are not drawn; the level's number stands there instead. */
const drawnLevels = 16;
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
      ...(totals.conversation === '' ? [] : [`conversation ${cut(visible(totals.conversation), textLength)}`]),
      ...(totals.keepReason === '' ? [] : [`kept because of ${cut(visible(totals.keepReason), textLength)}`]),
    ].join(' · '),
    '',
  ];
  if (trace.spans.length === 0) return `${lines.join('\n')}no spans\n`;
  lines.push(colours.dim(`     START       TOOK  ${'WHEN'.padEnd(barWidth)}  AGENT  SPAN  [ROLE]`));

  const notes = (of: SpanNote[], under: string) => {
    const indent = `${' '.repeat(25 + barWidth)}${colours.dim(under)}`;
    for (const { kind, text } of of) lines.push(indent + paint[kind](colours)(text));
  };
  const open: { events: SpanEvents; stem: string }[] = [];
  const closeTo = (depth: number) => {
    for (let last = open[depth] && open.pop(); last; last = open[depth] && open.pop()) {
      notes(last.events.take(), `${last.stem}   `);
    }
  };
  const ancestorsLast: boolean[] = [];
  for (const row of traceRows(trace)) {
    closeTo(row.depth);
    // what the parent noted before this child began stands before it: the tree reads as it happened
    const parent = open.at(-1);
    if (parent) notes(parent.events.take(row.span.startNs), `${parent.stem}│  `);
    ancestorsLast.length = row.depth;
    const failed = row.span.status === 'Error';
    const bar = timeBar(row.span, extent);
    const branch = row.depth === 0 ? '' : row.last ? '└─ ' : '├─ ';
    const took = formatDuration(row.span.durationNs).padStart(11);
    lines.push(
      [
        `${colours.dim(formatDuration(row.span.startNs - extent.startNs).padStart(10))}${took}  `,
        `${failed ? colours.red(bar) : colours.cyan(bar)}  `,
        `${colours.dim(stem(ancestorsLast) + branch)}${title(row, colours)}`,
      ].join(''),
    );
    ancestorsLast.push(row.last);
    open.push({ events: new SpanEvents(row.span), stem: stem(ancestorsLast) });
    notes(spanFacts(row.span), `${open.at(-1)!.stem}${row.hasChildren ? '│  ' : '   '}`);
  }
  closeTo(0);
  return `${lines.join('\n')}\n`;
}

type Colours = ReturnType<typeof createColors>;

const paint: Record<SpanNote['kind'], (colours: Colours) => (text: string) => string> = {
  error: (colours) => colours.red,
  warning: (colours) => colours.yellow,
  event: (colours) => colours.blue,
  aside: (colours) => colours.dim,
};

function title({ span, tokensBelow }: TraceRow, colours: Colours): string {
  const role = spanRole(span);
  const name = cut(visible(span.name), textLength);
  const used = tokens(span.inputTokens, span.outputTokens);
  return [
    colours.bold(cut(visible(span.agent), 60)),
    span.status === 'Error' ? colours.red(name) : name,
    ...(role === '' ? [] : [colours.magenta(`[${cut(visible(role), textLength)}]`)]),
    ...used.map((text) => (tokensBelow ? colours.dim(`(in all ${text})`) : colours.yellow(text))),
  ].join('  ');
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
