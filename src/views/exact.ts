import { type Session } from '../clickhouse/client.js';
import { readSql } from '../sql/read.js';
import { beginBuild, build } from '../jobs/build.js';
import { jobs as allJobs } from '../jobs/definitions.js';
import { sqlTime, type Window } from './window.js';

/** The views that each job feeds. */
const viewsOf: Record<string, readonly string[]> = {
  edges: ['call_graph'],
  stacks: ['flame_values', 'flame_paths'],
  critical: ['flame_values', 'flame_paths'],
  agents: ['agents'],
  traces: ['trace_summary'],
};

/**
 * Computes jobs straight from the spans, over a window of any length or over one trace, for this session only: the tables of hours and
 * the views are hidden behind temporary ones of the same names, so the same jobs and the same queries work on them.
 *
 * @returns how many traces there are
 */
export async function computeExact(
  session: Session,
  jobNames: readonly string[],
  over: Window | { trace: string },
  maxTraceDays = 7,
): Promise<number> {
  const jobs = allJobs.filter(({ name }) => jobNames.includes(name));
  const views = new Set(jobs.flatMap(({ name }) => viewsOf[name] ?? []));
  const tables = new Set(jobs.map(({ table }) => table));
  // flame_values reads both tables, whichever job was asked for.
  if (views.has('flame_values')) for (const table of ['stacks_by_hour', 'critical_by_hour']) tables.add(table);
  for (const table of tables) await session.run('queries/exact_hours', { table });
  if (views.has('flame_paths')) await session.run('queries/exact_paths');

  const traces = await selectTraces(session, over, maxTraceDays);
  const hours = await session.select<{ hour: number }>('queries/exact_batch');
  const batch = { hours: hours.map(({ hour }) => hour), parts: 1, mostSpans: Infinity };
  await build(session, await beginBuild(session), batch, jobs, () => Promise.resolve());
  for (const name of views) {
    await session.statement(`${readSql('queries/exact_view')}\n${readSql(`views/${name}`)}`, { name });
  }
  return traces;
}

/** Puts the traces of a window, or one trace, into `batch_traces`; returns how many there are. */
export async function selectTraces(
  session: Session,
  over: Window | { trace: string },
  maxTraceDays = 7,
): Promise<number> {
  if ('trace' in over) return session.run('jobs/stage/trace_by_id', { trace: over.trace });
  const window = { from: sqlTime(over.from, 3), to: sqlTime(over.to, 3) };
  return session.run('jobs/stage/traces_of_window', { ...window, days: maxTraceDays });
}
