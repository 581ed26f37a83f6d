import { type Stack, type Weight } from './model.js';
import { cut, formatCount } from './text.js';

type ByWeight<T> = Partial<Record<Weight, T>>;

/** Own values of some nodes of {@link FlameData}: `values[i]` belongs to node `nodes[i]`. */
export interface SparseValues {
  nodes: number[];
  values: number[];
}

/**
 * Stacks as a prefix tree in flat arrays: small in a page, and safe for any depth of stack. Node 0 is the root;
 * every node stands behind its parent. Several weights, and the window before, share one tree.
 */
export interface FlameData {
  names: string[];
  /** Index into `names`, by node. */
  frame: number[];
  /** Node index of the parent, by node; -1 for the root. */
  parent: number[];
  after: ByWeight<SparseValues>;
  before: ByWeight<SparseValues>;
  /** What was left out or cut, in words to show. */
  notes: string[];
}

/** Bounds of one flame graph in a page. What is beyond them is merged, never dropped: the sums stay. */
export interface FlameLimits {
  /** @default 20000 */
  maxStacks?: number;
  /** @default 1000 */
  maxDepth?: number;
  /** @default 500 */
  maxNameLength?: number;
}

/** Packs the stacks of one or more weights (and of the window before) into one tree. */
export function packStacks(
  after: ByWeight<readonly Stack[]>,
  before: ByWeight<readonly Stack[]> = {},
  limits: FlameLimits = {},
): FlameData {
  const { maxStacks = 20_000, maxDepth = 1_000, maxNameLength = 500 } = limits;
  const tree = new StackTree();
  const windows: [ByWeight<readonly Stack[]>, ByWeight<Map<number, number>>][] = [
    [after, {}],
    [before, {}],
  ];
  let tooDeep = false;
  for (const [stacksByWeight, sumsByWeight] of windows) {
    for (const [weight, stacks] of Object.entries(stacksByWeight)) {
      const sums = new Map<number, number>();
      for (const { frames, value } of stacks) {
        if (value === 0) continue;
        tooDeep ||= frames.length > maxDepth;
        let node = 0;
        for (const frame of frames.slice(0, maxDepth)) node = tree.child(node, cut(frame, maxNameLength));
        sums.set(node, (sums.get(node) ?? 0) + value);
      }
      sumsByWeight[weight as Weight] = sums;
    }
  }

  const kept = largestNodes(
    windows.flatMap(([, sums]) => Object.values(sums)),
    maxStacks,
  );
  const small = new StackTree();
  const moved = kept && new Map([...kept].map((node) => [node, small.copy(tree, node)]));
  const rest = moved && small.child(0, '(smaller stacks)');
  const sparse = (sums: ByWeight<Map<number, number>>): ByWeight<SparseValues> =>
    Object.fromEntries(Object.entries(sums).map(([weight, values]) => [weight, sparseValues(values, moved, rest)]));

  const { names, frame, parent } = moved ? small : tree;
  const notes: string[] = [];
  if (tooDeep) notes.push(`Frames deeper than ${maxDepth} are counted in the frame above them.`);
  if (moved) {
    notes.push(`The ${formatCount(maxStacks)} largest stacks are drawn, all others together as “(smaller stacks)”.`);
  }
  return { names, frame, parent, after: sparse(windows[0]?.[1] ?? {}), before: sparse(windows[1]?.[1] ?? {}), notes };
}

/** The prefix tree while it grows. */
class StackTree {
  readonly names = ['all'];
  readonly frame = [0];
  readonly parent = [-1];
  readonly #nameIndex = new Map<string, number>();
  readonly #childIndex = new Map<string, number>();

  child(node: number, name: string): number {
    let nameIndex = this.#nameIndex.get(name);
    if (nameIndex === undefined) {
      nameIndex = this.names.push(name) - 1;
      this.#nameIndex.set(name, nameIndex);
    }
    const key = `${node} ${nameIndex}`;
    let child = this.#childIndex.get(key);
    if (child === undefined) {
      child = this.frame.push(nameIndex) - 1;
      this.parent.push(node);
      this.#childIndex.set(key, child);
    }
    return child;
  }

  /** The node of this tree that stands for `node` of another one. */
  copy(other: StackTree, node: number): number {
    const path: string[] = [];
    for (let at = node; at > 0; at = other.parent[at] ?? 0) path.push(other.names[other.frame[at] ?? 0] ?? '');
    return path.reduceRight((at, name) => this.child(at, name), 0);
  }
}

/** The nodes with the largest share of any of the sums; nothing when all of them fit. One set for both windows, else a comparison would lie. */
function largestNodes(sums: Map<number, number>[], count: number): Set<number> | undefined {
  const share = new Map<number, number>();
  for (const values of sums) {
    const total = [...values.values()].reduce((sum, value) => sum + value, 0);
    for (const [node, value] of values) share.set(node, Math.max(share.get(node) ?? 0, value / total));
  }
  if (share.size <= count) return undefined;
  const ranked = [...share].sort(([, a], [, b]) => b - a).slice(0, count);
  return new Set(ranked.map(([node]) => node));
}

function sparseValues(
  values: Map<number, number>,
  moved: Map<number, number> | undefined,
  rest: number | undefined,
): SparseValues {
  if (moved === undefined || rest === undefined) return { nodes: [...values.keys()], values: [...values.values()] };
  const sums = new Map<number, number>();
  for (const [node, value] of values) {
    const target = moved.get(node) ?? rest;
    sums.set(target, (sums.get(target) ?? 0) + value);
  }
  return { nodes: [...sums.keys()], values: [...sums.values()] };
}

/** Own values by node, zero where there is none. */
export function ownValues(data: FlameData, values: SparseValues | undefined): Float64Array {
  const own = new Float64Array(data.frame.length);
  values?.nodes.forEach((node, i) => {
    own[node] = (own[node] ?? 0) + (values.values[i] ?? 0);
  });
  return own;
}

/** Sum of all values of a weight. */
export function sumOf(values: SparseValues | undefined): number {
  return values?.values.reduce((sum, value) => sum + value, 0) ?? 0;
}
