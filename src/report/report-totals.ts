import { type FlameData, sumOf } from './flame-data.js';
import { type Markup, markup } from './markup.js';
import { type CallGraph, type GraphNode, type Weight } from './model.js';
import { formatCount, formatDuration, formatShort } from './text.js';

/** The numbers at the head of a report, with their change where the window before is known. */
export function totalsTiles(graph: CallGraph, flame: FlameData): Markup {
  const sum = (pick: (node: GraphNode) => number) => graph.nodes.reduce((total, node) => total + pick(node), 0);
  const runs = graph.edges.filter(({ caller }) => caller === '(root)').reduce((total, { calls }) => total + calls, 0);
  const errors = sum((node) => node.errors);
  const input = sum((node) => node.inputTokens);
  const output = sum((node) => node.outputTokens);
  return markup`<section class="tiles" aria-label="Totals">
${tile('Runs', formatCount(runs), `${formatCount(graph.nodes.length)} agents`)}
${tile('Spans', formatShort(sum((node) => node.spans)), change(flame, 'calls'))}
${tile('Errors', formatShort(errors), change(flame, 'errors'), errors > 0 ? 'failed' : '')}
${tile('Agent time', formatDuration(sum((node) => node.selfNs)), change(flame, 'self'))}
${tile('Tokens', formatShort(input + output), change(flame, 'tokens') || `${formatShort(input)} in, ${formatShort(output)} out`)}
</section>`;
}

function tile(label: string, value: string, small: string, looks = ''): Markup {
  return markup`<div class="tile ${looks}"><span class="label">${label}</span><strong>${value}</strong><span class="small">${small}</span></div>`;
}

/** `+12% vs window before`; empty when there is none. */
function change(flame: FlameData, weight: Weight): string {
  if (flame.before[weight] === undefined) return '';
  const before = sumOf(flame.before[weight]);
  const after = sumOf(flame.after[weight]);
  if (before === after) return 'as before';
  if (before === 0) return 'none before';
  const percent = (100 * (after - before)) / before;
  const size = Math.abs(percent);
  return `${percent > 0 ? '+' : '−'}${size < 10 ? size.toFixed(1) : formatCount(size)}% vs window before`;
}
