import { readCallGraph, readStacks } from '../../src/views/read.js';
import { type Weight } from '../../src/report/model.js';
import { type TestDatabase } from './clickhouse.js';

const always = { from: 0, to: Date.UTC(2100, 0) };

/** The stacks that the views give, by frames joined with `;`; times in ms. */
export async function stacksOf(
  db: TestDatabase,
  weight: Weight,
  frames: 'span' | 'agent' = 'span',
): Promise<Map<string, number>> {
  const unit = weight === 'self' || weight === 'critical' ? 1e6 : 1;
  const stacks = await readStacks(await db.session(), always, { weight, frames });
  return new Map(stacks.map((stack) => [stack.frames.join(';'), stack.value / unit]));
}

/** The edges that the view gives, by `caller > callee`. */
export async function edgesOf(db: TestDatabase): Promise<Map<string, { calls: number; errors: number }>> {
  const { edges } = await readCallGraph(await db.session(), always);
  return new Map(edges.map(({ caller, callee, calls, errors }) => [`${caller} > ${callee}`, { calls, errors }]));
}

/** A map without its zeros, sorted, so that two of them compare. */
export function sorted<T>(map: Map<string, T>): [string, T][] {
  return [...map].filter(([, value]) => value !== 0).sort(([a], [b]) => (a < b ? -1 : 1));
}
