import { type Session } from '../clickhouse/client.js';
import { type Need } from './definitions.js';

/** So many levels are staged one after the other; deeper ones, which few traces have, all at once by doubling. */
const levelsByWave = 16;

/** Paths do not grow below this depth, so that a runaway recursion cannot fill the path table. */
export const maxDepth = 1000;
/** The same for traces of more than a hundred thousand spans. */
const bigMaxDepth = 100;
const depths = { max_depth: maxDepth, big_max_depth: bigMaxDepth };

/**
 * Stages the spans of the traces in `batch_traces` into temporary tables of the session: `spans`, without duplicates; `names`, the names
 * behind their keys; `tree`, the spans with agents and paths, cycles cut; and what the jobs need besides. What is odd about a trace goes
 * to `notes`, which must be there.
 *
 * @returns the number of spans
 */
export async function stageTrees(session: Session, needs: ReadonlySet<Need>): Promise<number> {
  const spans = await stageSpans(session, needs.has('critical') || needs.has('ids'));
  await session.run('jobs/stage/names');
  await session.run('jobs/stage/trace_weights');
  // Edges alone need no trees.
  if (needs.size === 1 && needs.has('calls') && (await callsOfLinks(session))) return spans;
  const big = await session.run('jobs/stage/big_traces');
  const deepest = await growTree(session, spans);
  if (big > 0 || deepest >= maxDepth) await session.run('jobs/stage/folded_noted', depths);
  if (needs.has('calls')) await session.run('jobs/edges/calls_of_tree');
  if (needs.has('ids')) await session.run('jobs/traces/ids');
  if (needs.has('covered')) await session.run('jobs/stage/covered');
  if (needs.has('usage')) await markAboveUsage(session);
  if (needs.has('critical')) await chooseCriticalPath(session);
  if (needs.has('paths')) await publishPaths(session, deepest);
  return spans;
}

async function stageSpans(session: Session, ids: boolean): Promise<number> {
  const stored = await session.run('jobs/stage/spans', { ids: ids ? 1 : 0 });
  const duplicates = await session.run('jobs/stage/duplicates');
  if (duplicates === 0) return stored;
  const resolved = await session.run('jobs/stage/duplicates_resolved');
  await session.run('jobs/stage/duplicates_removed');
  await session.run('jobs/stage/duplicates_restored');
  const [row] = await session.select<{ spans: number }>('jobs/stage/spans_count');
  return row?.spans ?? resolved;
}

/** Fills `tree`: level by level where most spans are, then all deeper levels at once. Returns the greatest depth. */
async function growTree(session: Session, total: number): Promise<number> {
  await session.run('jobs/stage/tree');
  let reached = await session.run('jobs/stage/tree_roots');
  let wave = 0;
  for (let found = reached; found > 0 && reached < total && wave < levelsByWave; reached += found) {
    wave++;
    found = await session.run('jobs/stage/tree_wave', { wave, max_depth: maxDepth });
  }
  if (reached === total) return wave;

  const rest = await session.run('jobs/stage/rest');
  await cutCycles(session, rest);
  return Math.max(wave, await growDeep(session, wave + 1));
}

/** Finds the cycles among the rest by doubling the steps that each span has gone through its parents, and makes roots of the cuts. */
async function cutCycles(session: Session, rest: number): Promise<void> {
  await session.run('jobs/stage/cycle_cuts');
  let walking = await session.run('jobs/stage/cycle_start', { to: 'walk_a' });
  let at = 'walk_a';
  for (let steps = 1; walking > 0 && steps < rest; steps *= 2) {
    const to = other(at);
    walking = await session.run('jobs/stage/cycle_step', { from: at, to });
    at = to;
  }
  if (walking === 0) return;
  await session.run('jobs/stage/cycle_end', { from: at });
  await session.run('jobs/stage/cut_roots');
}

/** Resolves the rest against what the waves reached, with a number of steps that grows with the logarithm of the depth. */
async function growDeep(session: Session, wave: number): Promise<number> {
  await session.run('jobs/stage/inherit_start', { to: 'inherit_a' });
  const inherit = await double(session, 'jobs/stage/inherit_step', 'inherit_a');
  await session.run('jobs/stage/deep_start', { from: inherit, to: 'deep_a', ...depths });
  const deep = await double(session, 'jobs/stage/deep_step', 'deep_a');
  const anchored = other(deep);
  await session.run('jobs/stage/deep_anchor', { from: deep, to: anchored });
  await session.run('jobs/stage/tree_deep', { from: anchored, wave, max_depth: maxDepth });
  const [row] = await session.select<{ depth: number }>('jobs/stage/deepest', { from: anchored });
  return row?.depth ?? 0;
}

/** Repeats a doubling step until no row leads to another one; returns the name of the last table. */
async function double(session: Session, step: string, first: string): Promise<string> {
  let from = first;
  for (;;) {
    const [row] = await session.select<{ rows: number }>('jobs/stage/unfinished', { from });
    if ((row?.rows ?? 0) === 0) return from;
    const to = other(from);
    await session.run(step, { from, to });
    from = to;
  }
}

/** Of a pair of tables that take turns, the other one. */
function other(table: string): string {
  return table.endsWith('_a') ? table.replace(/_a$/, '_b') : table.replace(/_b$/, '_a');
}

/**
 * Finds the calls with a look at parents only, and at ancestors of the same service where those do not name their agent.
 * Returns false, with nothing staged, when there may be a cycle, or a way up that is long: then trees are needed.
 */
async function callsOfLinks(session: Session): Promise<boolean> {
  await session.run('jobs/edges/links');
  const walked = await stepUntilDone(session, 'walk');
  if (!walked || !(await stepUntilDone(session, 'climb'))) return false;
  await session.run('jobs/edges/calls_of_links');
  return true;
}

/** Runs `jobs/edges/<name>_start` and then its step as long as it finds rows; false when that takes too many steps. */
async function stepUntilDone(session: Session, name: string): Promise<boolean> {
  let found = await session.run(`jobs/edges/${name}_start`);
  for (let step = 1; found > 0 && step <= levelsByWave; step++) {
    found = await session.run(`jobs/edges/${name}_step`, { step });
  }
  return found === 0;
}

async function markAboveUsage(session: Session): Promise<void> {
  await session.run('jobs/stage/above_usage');
  let found = await session.run('jobs/stage/above_usage_start');
  for (let wave = 1; found > 0; wave++) found = await session.run('jobs/stage/above_usage_wave', { wave });
}

async function chooseCriticalPath(session: Session): Promise<void> {
  await session.run('jobs/critical/chosen');
  let chosen = await session.run('jobs/critical/roots');
  for (let depth = 1; chosen > 0; depth++) {
    if (depth > levelsByWave) return chooseDeep(session, depth);
    chosen = await session.run('jobs/critical/wave', { depth });
  }
}

/** Below the waves every parent takes its children at once; on the path are those that hang on a span that a wave chose. */
async function chooseDeep(session: Session, depth: number): Promise<void> {
  await session.run('jobs/critical/deep_kids', { depth: depth - 1 });
  await session.run('jobs/critical/climb_start', { to: 'climb_a' });
  const climbed = await double(session, 'jobs/critical/climb_step', 'climb_a');
  await session.run('jobs/critical/deep_chosen', { from: climbed, depth });
}

async function publishPaths(session: Session, deepest: number): Promise<void> {
  let at = 'paths_a';
  await session.run('jobs/stage/paths_start', { to: at, ...depths });
  for (let known = 1; known <= Math.min(deepest, maxDepth); known *= 2) {
    const to = other(at);
    await session.run('jobs/stage/paths_step', { from: at, to });
    at = to;
  }
  await session.run('jobs/stage/paths_publish', { from: at });
}
