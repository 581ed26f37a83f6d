import { packStacks } from './flame-data.js';
import { type FlameTree, flameTree } from './flame-tree.js';
import { type Stack } from './model.js';

/**
 * A flame graph as `{name, value, children}`, the shape that d3-flame-graph reads: `value` includes the children's,
 * in the unit of the stacks (ns for durations). Written without recursion, because JSON.stringify gives up on deep stacks.
 */
export function flameJson(stacks: readonly Stack[]): string {
  const unlimited = { maxStacks: Infinity, maxDepth: Infinity, maxNameLength: Infinity };
  const parts: string[] = [];
  const open: (FlameTree | string)[] = [flameTree(packStacks({ calls: stacks }, {}, unlimited), 'calls')];
  while (open.length > 0) {
    const next = open.pop();
    if (next === undefined) break;
    if (typeof next === 'string') {
      parts.push(next);
      continue;
    }
    parts.push(`{"name":${JSON.stringify(next.name)},"value":${next.value},"children":[`);
    open.push(']}');
    for (let i = next.children.length - 1; i >= 0; i--) {
      const child = next.children[i];
      if (child !== undefined) open.push(child);
      if (i > 0) open.push(',');
    }
  }
  return `${parts.join('')}\n`;
}
