import { type Session, type SqlParams } from '../clickhouse/client.js';
import { type Need } from './definitions.js';

/** Paths do not grow below this depth, so that a runaway recursion cannot fill the path table. */
export const maxDepth = 1000;

/**
 * Stages the spans of the traces in `batch_traces` into temporary tables of the session: `spans`, without duplicates; `names`, the names
 * behind their keys; `tree`, the spans with agents and paths, cycles cut; and what the jobs need besides.
 *
 * @returns the number of spans
 */
export async function stageTrees(session: Session, needs: ReadonlySet<Need>): Promise<number> {
  const spans = await stageSpans(session);
  await session.run('jobs/stage/names');
  await session.run('jobs/stage/trace_weights');
  const deepest = await growTree(session, spans);
  if (needs.has('covered')) await session.run('jobs/stage/covered');
  if (needs.has('usage')) await markAboveUsage(session);
  if (needs.has('critical')) await chooseCriticalPath(session);
  if (needs.has('paths')) await publishPaths(session, deepest);
  return spans;
}

async function stageSpans(session: Session): Promise<number> {
  const stored = await session.run('jobs/stage/spans');
  const duplicates = await session.run('jobs/stage/duplicates');
  if (duplicates === 0) return stored;
  const resolved = await session.run('jobs/stage/duplicates_resolved');
  await session.run('jobs/stage/duplicates_removed');
  await session.run('jobs/stage/duplicates_restored');
  const [row] = await session.select<{ spans: number }>('jobs/stage/spans_count');
  return row?.spans ?? resolved;
}

/** Fills `tree` wave by wave, cuts cycles once no wave reaches further, and returns the greatest depth. */
async function growTree(session: Session, total: number): Promise<number> {
  await session.run('jobs/stage/tree');
  await session.run('jobs/stage/cycle_cuts');
  let reached = await session.run('jobs/stage/tree_roots');
  let deepest = 0;
  let wave = 0;
  let from = 'spans';
  let scanned = total;

  const grow = async () => {
    for (let depth = 1; reached < total; depth++) {
      // Deep traces are few: once most spans are reached, the others get a table of their own, so a wave scans only those.
      if (total - reached < scanned / 4) {
        const to = from === 'rest_a' ? 'rest_b' : 'rest_a';
        await session.run('jobs/stage/unreached', { from, to });
        from = to;
        scanned = total - reached;
      }
      wave++;
      const found = await session.run('jobs/stage/tree_wave', { wave, from, max_depth: maxDepth });
      if (found === 0) break;
      reached += found;
      deepest = Math.max(deepest, depth);
    }
  };
  await grow();
  if (reached < total) {
    await session.run('jobs/stage/unreached', { from, to: 'rest_cycles' });
    from = 'rest_cycles';
    await cutCycles(session, from, total - reached);
    reached += await session.run('jobs/stage/cut_roots', { from, wave });
    await grow();
  }
  return deepest;
}

/** Finds the cycles among unreached spans by doubling the steps that each span has gone through its parents. */
async function cutCycles(session: Session, from: string, spans: number): Promise<void> {
  let at = 'walk_a';
  await session.run('jobs/stage/cycle_start', { from, to: at });
  for (let steps = 1; steps < spans; steps *= 2) {
    const to = at === 'walk_a' ? 'walk_b' : 'walk_a';
    await session.run('jobs/stage/cycle_step', { from: at, to });
    at = to;
  }
  await session.run('jobs/stage/cycle_end', { from: at });
}

async function markAboveUsage(session: Session): Promise<void> {
  await session.run('jobs/stage/above_usage');
  let found = await session.run('jobs/stage/above_usage_start');
  for (let wave = 1; found > 0; wave++) found = await session.run('jobs/stage/above_usage_wave', { wave });
}

async function chooseCriticalPath(session: Session): Promise<void> {
  await session.run('jobs/critical/chosen');
  let chosen = await session.run('jobs/critical/roots');
  for (let depth = 1; chosen > 0; depth++) chosen = await session.run('jobs/critical/wave', { depth });
}

async function publishPaths(session: Session, deepest: number): Promise<void> {
  let at = 'paths_a';
  const params: SqlParams = { to: at, max_depth: maxDepth };
  await session.run('jobs/stage/paths_start', params);
  for (let known = 1; known <= Math.min(deepest, maxDepth); known *= 2) {
    const to = at === 'paths_a' ? 'paths_b' : 'paths_a';
    await session.run('jobs/stage/paths_step', { from: at, to });
    at = to;
  }
  await session.run('jobs/stage/paths_publish', { from: at });
}

/** The temporary tables that a build leaves; dropping them frees their memory before the session ends. */
export const temporaryTables = [
  'batch_traces',
  'spans',
  'duplicates',
  'resolved',
  'names',
  'trace_weights',
  'tree',
  'cycle_cuts',
  'rest_a',
  'rest_b',
  'rest_cycles',
  'walk_a',
  'walk_b',
  'covered',
  'above_usage',
  'chosen',
  'paths_a',
  'paths_b',
];
