import { type Session } from '../clickhouse/client.js';
import { type Job } from './definitions.js';
import { stageTrees } from './stage.js';

/** Hours that are built in one go, or one hour in several parts when it is too big for that. */
export interface Batch {
  /** Unix times in seconds. */
  hours: number[];
  parts: number;
  /** A trace with more spans is left out, when there are several parts. */
  mostSpans: number;
}

export interface Built {
  /** The server's time before anything was read, in ns: of two builds of an hour the higher one counts. */
  version: string;
  started: string;
  spans: number;
  /** What is worth a line in the ledger, by hour. */
  notes: { hour: number; note: string }[];
}

/** The version and the start of a build, from the server's clock. */
export async function beginBuild(session: Session): Promise<{ version: string; started: string }> {
  const [row] = await session.select<{ version: string; started: string }>('jobs/stage/begin');
  return row ?? { version: '0', started: '1970-01-01 00:00:00' };
}

/**
 * Computes the jobs over the traces that `selectTraces` puts into `batch_traces`, and publishes each hour by one insert per job.
 * All intermediate results are temporary tables of the session, so whatever stops it leaves either the old hour or the new one.
 */
export async function build(
  session: Session,
  batch: Batch,
  jobs: readonly Job[],
  selectTraces: (part: number) => Promise<unknown>,
): Promise<Built> {
  const { version, started } = await beginBuild(session);
  const needs = new Set(jobs.flatMap((job) => job.needs));
  await session.run('jobs/stage/hours', { hours: batch.hours });
  for (const create of ['notes', 'rows_per_hour', 'names_of_parts']) await session.run(`jobs/stage/${create}`);
  for (const { name } of jobs) await session.run(`jobs/${name}/create`);

  const oversize = batch.parts > 1 ? await session.run('jobs/stage/oversize', { most: batch.mostSpans }) : 0;
  let spans = 0;
  for (let part = 0; part < batch.parts; part++) {
    await selectTraces(part);
    if (oversize > 0) {
      await session.run('jobs/stage/oversize_noted');
      await session.run('jobs/stage/oversize_left_out');
    }
    spans += await stageTrees(session, needs, { parts: batch.parts, part });
    for (const { name } of jobs) await session.run(`jobs/${name}/fill`);
    await session.run('jobs/stage/rows_of_part');
    await session.run('jobs/stage/names_of_part');
    await session.run('jobs/stage/drop_part');
  }
  await session.run('jobs/stage/rows_total');
  await session.run('jobs/stage/names_total');
  for (const { name } of jobs) await session.run(`jobs/${name}/pack`, { version });
  const notes = await session.select<{ hour: number; note: string }>('jobs/stage/notes_read');
  await session.run('jobs/stage/drop_build');
  return { version, started, spans, notes };
}
