import { type TestSpan } from './clickhouse.js';

/** What the jobs must compute for a set of spans, done one span at a time; values in ms. */
export interface Expected {
  self: Map<string, number>;
  critical: Map<string, number>;
  tokens: Map<string, number>;
  edges: Map<string, { calls: number; errors: number }>;
}

interface Node extends TestSpan {
  end: number;
  agent: string;
  frames: string[];
  kids: Node[];
  up: Node | undefined;
  missing: boolean;
}

const missingParent = '(missing parent)';
const usageOf = ({ attributes }: TestSpan) => Number(attributes?.['gen_ai.usage.input_tokens'] ?? 0);
const add = (map: Map<string, number>, key: string, value: number) => map.set(key, (map.get(key) ?? 0) + value);

/** The definitions of the numbers, as directly as they can be written down. */
export function expectedOf(spans: readonly TestSpan[]): Expected {
  const out: Expected = { self: new Map(), critical: new Map(), tokens: new Map(), edges: new Map() };
  for (const trace of new Set(spans.map((span) => span.trace))) {
    const nodes = plant(spans.filter((span) => span.trace === trace));
    for (const node of nodes) measure(node, out);
    for (const root of nodes.filter((node) => node.up === undefined)) walk(root, root.at, root.end, out.critical);
  }
  return out;
}

function plant(spans: TestSpan[]): Node[] {
  const best = new Map<string, TestSpan>();
  const rank = (a: TestSpan, b: TestSpan) => b.ms - a.ms || a.at - b.at || compare(a.service ?? 'a', b.service ?? 'a');
  for (const span of [...spans].sort(rank)) if (!best.has(span.id)) best.set(span.id, span);
  const nodes = new Map<string, Node>();
  for (const span of best.values()) {
    nodes.set(span.id, {
      ...span,
      end: span.at + span.ms,
      agent: '',
      frames: [],
      kids: [],
      up: undefined,
      missing: false,
    });
  }
  for (const node of nodes.values()) {
    node.up = nodes.get(node.parent ?? '');
    node.missing = (node.parent ?? '') !== '' && node.up === undefined;
  }
  for (const node of nodes.values()) {
    const seen: Node[] = [];
    for (let at: Node | undefined = node; at !== undefined; at = at.up) {
      if (seen.includes(at)) {
        const cycle = seen.slice(seen.indexOf(at)).sort((a, b) => a.at - b.at || compare(a.id, b.id));
        Object.assign(cycle[0] as Node, { up: undefined, missing: true });
        break;
      }
      seen.push(at);
    }
  }
  for (const node of nodes.values()) node.up?.kids.push(node);
  const name = (node: Node) => {
    const service = node.service ?? 'a';
    const inherited = node.up !== undefined && (node.up.service ?? 'a') === service ? node.up.agent : service;
    node.agent = node.attributes?.['gen_ai.agent.name'] ?? inherited;
    node.frames = [
      ...(node.up?.frames ?? (node.missing ? [missingParent] : [])),
      `${node.agent}: ${node.name ?? 'work'}`,
    ];
    node.kids.forEach(name);
  };
  [...nodes.values()].filter((node) => node.up === undefined).forEach(name);
  return [...nodes.values()];
}

function measure(node: Node, out: Expected): void {
  const key = node.frames.join(';');
  let covered = 0;
  for (let ms = node.at; ms < node.end; ms++) if (node.kids.some((kid) => kid.at <= ms && ms < kid.end)) covered++;
  add(out.self, key, node.ms - covered);
  const below = (at: Node): boolean => at.kids.some((kid) => usageOf(kid) > 0 || below(kid));
  if (usageOf(node) > 0 && !below(node)) add(out.tokens, key, usageOf(node));
  const caller = node.up?.agent ?? (node.missing ? missingParent : '(root)');
  const calls = (kind?: string) => kind === 'Client' || kind === 'Producer';
  const answers = (node.kind === 'Server' || node.kind === 'Consumer') && calls(node.up?.kind);
  if (caller !== node.agent || answers) edge(out, caller, node.agent, node.error === true);
  const destination = node.attributes?.['messaging.destination.name'];
  if (calls(node.kind) && node.error === true && node.kids.length === 0 && destination !== undefined) {
    edge(out, node.agent, destination, true);
  }
}

function edge({ edges }: Expected, caller: string, callee: string, error: boolean): void {
  const { calls, errors } = edges.get(`${caller} > ${callee}`) ?? { calls: 0, errors: 0 };
  edges.set(`${caller} > ${callee}`, { calls: calls + 1, errors: errors + (error ? 1 : 0) });
}

function walk(node: Node, from: number, to: number, critical: Map<string, number>): void {
  const kids = node.kids
    .map((kid) => ({ kid, from: Math.max(kid.at, from), to: Math.min(kid.end, to) }))
    .filter((one) => one.from < one.to)
    .sort((a, b) => b.to - a.to || a.from - b.from || compare(a.kid.id, b.kid.id));
  let cursor = to;
  let own = to - from;
  for (const one of kids) {
    if (one.to > cursor) continue;
    cursor = one.from;
    own -= one.to - one.from;
    walk(one.kid, one.from, one.to, critical);
  }
  add(critical, node.frames.join(';'), own);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
