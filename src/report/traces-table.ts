import { createColors } from 'picocolors';
import { type TraceSummary } from './model.js';
import { terminalTable } from './terminal-table.js';
import { cut, formatCount, formatDuration, formatTime, visible } from './text.js';

/** A list of traces for the terminal, in the order given. */
export function tracesTable(rows: readonly TraceSummary[], options: { colour?: boolean } = {}): string {
  if (rows.length === 0) return 'no traces in this window\n';
  const colour = options.colour ?? false;
  const colours = createColors(colour);
  const columns = [
    { head: 'TRACE' },
    { head: 'STARTED' },
    { head: 'TOOK', right: true },
    { head: 'SPANS', right: true },
    { head: 'AGENTS', right: true },
    { head: 'ERRORS', right: true },
    { head: 'TOKENS IN', right: true },
    { head: 'OUT', right: true },
    { head: 'KEPT' },
    { head: 'WHOLE' },
    { head: 'ROOT' },
  ];
  const cells = rows.map((row) => [
    visible(row.traceId),
    formatTime(row.startTime),
    formatDuration(row.durationNs),
    formatCount(row.spans),
    formatCount(row.agents),
    row.errors > 0 ? colours.red(formatCount(row.errors)) : '0',
    formatCount(row.inputTokens),
    formatCount(row.outputTokens),
    cut(visible(row.keepReason || 'sampled'), 40),
    row.complete ? 'yes' : colours.yellow(cut(visible(whyNot(row)), 80)),
    cut(visible(`${row.rootAgent}: ${row.rootName}`), 80),
  ]);
  return terminalTable(columns, cells, colour);
}

/** `no: process lost`, `no: evicted in searcher, writer`. */
function whyNot({ whyIncomplete, missedBy }: TraceSummary): string {
  return `no: ${whyIncomplete}${missedBy.length > 0 ? ` in ${missedBy.join(', ')}` : ''}`;
}
