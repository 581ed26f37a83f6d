import { type FlameData, ownValues } from './flame-data.js';
import { type Weight } from './model.js';

/** A frame with everything below it, as d3-flame-graph takes it. */
export interface FlameTree {
  name: string;
  /** Own value and that of all descendants. */
  value: number;
  /** Own value only. */
  self: number;
  /** Own value minus that of the window before; 0 where nothing is compared. */
  delta: number;
  /** Largest first. */
  children: FlameTree[];
}

/** Unpacks one weight into a tree. Frames without any value are left out, except the root. No recursion: stacks may be thousands deep. */
export function flameTree(data: FlameData, weight: Weight, compare = false): FlameTree {
  const self = ownValues(data, data.after[weight]);
  const was = ownValues(data, compare ? data.before[weight] : undefined);
  const nodes = data.frame.map((name, node): FlameTree => {
    const own = self[node] ?? 0;
    const delta = compare ? own - (was[node] ?? 0) : 0;
    return { name: data.names[name] ?? '', value: own, self: own, delta, children: [] };
  });
  const root = nodes[0] ?? { name: 'all', value: 0, self: 0, delta: 0, children: [] };
  for (let node = nodes.length - 1; node > 0; node--) {
    const child = nodes[node];
    const parent = nodes[data.parent[node] ?? 0];
    if (child === undefined || parent === undefined) continue;
    child.children.sort((a, b) => b.value - a.value);
    // A frame that only the window before had takes no room, but its change belongs to its parent's.
    if (child.value === 0) parent.delta += child.delta;
    else {
      parent.value += child.value;
      parent.children.push(child);
    }
  }
  root.children.sort((a, b) => b.value - a.value);
  return root;
}

/** How much a frame changed between two windows, summed over all stacks that end in it. */
export interface FrameChange {
  name: string;
  before: number;
  after: number;
}

/** The frames whose own values changed most, largest change first. */
export function largestChanges(data: FlameData, weight: Weight, count: number): FrameChange[] {
  const after = ownValues(data, data.after[weight]);
  const before = ownValues(data, data.before[weight]);
  const changes = new Map<number, FrameChange>();
  data.frame.forEach((name, node) => {
    const change = changes.get(name) ?? { name: data.names[name] ?? '', before: 0, after: 0 };
    change.before += before[node] ?? 0;
    change.after += after[node] ?? 0;
    changes.set(name, change);
  });
  return [...changes.values()]
    .filter((change) => change.before !== change.after)
    .sort((a, b) => Math.abs(b.after - b.before) - Math.abs(a.after - a.before))
    .slice(0, count);
}
