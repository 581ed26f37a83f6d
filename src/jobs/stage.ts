import { type Session } from '../clickhouse/client.js';
import { type Need } from './definitions.js';

/** So many levels are staged one after the other; deeper ones, which few traces have, all at once by doubling. */
const levelsByWave = 16;

/** Paths do not grow below this depth, so that a runaway recursion cannot fill the path table. */
export const maxDepth = 1000;
/** The same for traces of more than a hundred thousand spans. */
const bigMaxDepth = 100;
const depths = { max_depth: maxDepth, big_max_depth: bigMaxDepth };

/** Of the traces in `batch_traces`, those whose number modulo `parts` is `part`. */
export interface Share extends Record<string, number> {
  parts: number;
  part: number;
  /** The first hour of them all, a Unix time in seconds. */
  hour: number;
}

/** The hour is a Unix time in seconds. */
export interface Note {
  hour: number;
  note: string;
}

/** How many spans an hour has, each counted once. The hour is a Unix time in seconds. */
export interface HourSpans {
  hour: number;
  spans: number;
}

export interface Staged {
  hours: HourSpans[];
  /** What is odd about a trace. */
  notes: Note[];
}

/**
 * Stages the spans of the traces in `batch_traces` into temporary tables of the session: `spans`, without duplicates; `traces`; `tree`, the
 * spans with agents and paths, cycles cut; and what the jobs need besides. The names behind their keys are in `names`, which the first part
 * creates.
 */
export async function stageTrees(
  session: Session,
  needs: ReadonlySet<Need>,
  share: Share = { parts: 1, part: 0, hour: 0 },
): Promise<Staged> {
  const how = share.part === 0 ? 'create' : 'append';
  // Edges alone need no trees, unless something is odd.
  if (needs.size === 1 && needs.has('calls')) {
    await session.run('jobs/edges/spans', share);
    await session.run('jobs/stage/traces', share);
    const hours = await callsOfSpans(session, share);
    if (hours !== undefined) {
      await session.fill(how, 'jobs/stage/names');
      return { hours, notes: [] };
    }
  }
  const ids = needs.has('critical') || needs.has('ids') ? 1 : 0;
  await session.run('jobs/stage/spans', { ...share, ids });
  const hours = await countSpans(session, share);
  const big = await session.run('jobs/stage/big_traces');
  await session.fill(how, 'jobs/stage/names');
  const deepest = await growTree(
    session,
    hours.reduce((sum, { spans }) => sum + spans, 0),
  );
  const odd = big > 0 || deepest >= maxDepth;
  const notes = odd ? await session.select<Note>('jobs/stage/folded_notes', depths) : [];
  if (needs.has('calls')) await session.run('jobs/edges/calls_of_tree');
  if (needs.has('ids')) await session.run('jobs/traces/ids');
  if (needs.has('covered')) await session.run('jobs/stage/covered');
  for (const of of ['usage', 'cost'] as const) if (needs.has(of)) await markAbove(session, of);
  if (needs.has('critical')) await chooseCriticalPath(session);
  if (needs.has('paths')) await publishPaths(session, deepest);
  return { hours, notes };
}

/** Fills `traces`, and leaves each span in once; returns how many there are in each hour. */
async function countSpans(session: Session, share: Share): Promise<HourSpans[]> {
  await session.run('jobs/stage/traces', share);
  const hours = await session.select<HourSpans & { duplicated: number }>('jobs/stage/hours');
  if (hours.every(({ duplicated }) => duplicated === 0)) return hours;
  for (const step of ['duplicates', 'duplicates_resolved', 'duplicates_removed', 'duplicates_restored'])
    await session.run(`jobs/stage/${step}`);
  await session.run('jobs/stage/traces', share);
  return session.select<HourSpans>('jobs/stage/hours');
}

/** Fills `tree`: level by level where most spans are, then all deeper levels at once. Returns the greatest depth. */
async function growTree(session: Session, total: number): Promise<number> {
  await session.run('jobs/stage/tree');
  const below = await growWaves(session, 0, await session.run('jobs/stage/tree_roots'), total);
  if (below.reached === total) return below.waves;

  // Few traces lack anything, so only those are searched for spans whose parent is not there.
  await session.run('jobs/stage/incomplete');
  const wave = below.waves + 1;
  const orphans = await session.run('jobs/stage/tree_orphans', { wave });
  const beside = await growWaves(session, wave, orphans, total - below.reached);
  const deepest = Math.max(below.waves, beside.waves);
  if (below.reached + beside.reached === total) return deepest;

  const rest = await session.run('jobs/stage/rest');
  await cutCycles(session, rest);
  return Math.max(deepest, await growDeep(session, wave + beside.waves + 1));
}

/** Grows the tree wave by wave from the spans of a first wave, until a wave is empty, all is reached, or it is deep. */
async function growWaves(
  session: Session,
  first: number,
  found: number,
  total: number,
): Promise<{ waves: number; reached: number }> {
  let [reached, waves] = [found, 0];
  while (found > 0 && reached < total && waves < levelsByWave) {
    waves++;
    found = await session.run('jobs/stage/tree_wave', { wave: first + waves, max_depth: maxDepth });
    reached += found;
  }
  return { waves, reached };
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
 * Finds the calls with a look at parents only, and at ancestors of the same service where those do not name their agent. Returns how many
 * spans there are in each hour; or undefined when trees are needed, because spans are stored more than once, there may be a cycle, or a
 * way up is long.
 */
async function callsOfSpans(session: Session, share: Share): Promise<HourSpans[] | undefined> {
  await session.run('jobs/edges/calls_of_spans', share);
  const hours = await session.select<HourSpans & { duplicated: number; climbing: number }>('jobs/edges/hours');
  if (hours.some(({ duplicated }) => duplicated > 0)) return undefined;
  if (hours.every(({ climbing }) => climbing === 0)) return hours;
  let climbing = await session.run('jobs/edges/climb_start');
  for (let step = 1; climbing > 0 && step <= levelsByWave; step++) {
    climbing = await session.run('jobs/edges/climb_step', { step });
  }
  if (climbing > 0) return undefined;
  await session.run('jobs/edges/calls_resolved');
  return hours;
}

async function markAbove(session: Session, of: 'usage' | 'cost'): Promise<void> {
  const to = `above_${of}`;
  await session.run('jobs/stage/above_usage', { to });
  let found = await session.run(`jobs/stage/above_${of}_start`);
  for (let wave = 1; found > 0; wave++) found = await session.run('jobs/stage/above_usage_wave', { wave, to });
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
