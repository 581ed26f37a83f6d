import { type Session } from '../clickhouse/client.js';
import { type Job } from './definitions.js';
import { stageTrees } from './stage.js';

/** Hours that are built in one go, or one hour in several parts when it is too big for that. */
export interface Batch {
  /** Unix times in seconds. */
  hours: number[];
  parts: number;
  /** A trace with more spans is left out; Infinity when there can be none. */
  mostSpans: number;
}

export interface Begun {
  /** The server's time before anything was read, in ns: of two builds of an hour the higher one counts. */
  version: string;
  started: string;
}

/** The hour is a Unix time in seconds. */
export interface Note {
  hour: number;
  note: string;
}

export interface Built extends Begun {
  spans: number;
  /** What is worth a line in the ledger, by hour. */
  notes: Note[];
}

/** The version and the start of a build, from the server's clock. */
export async function beginBuild(session: Session): Promise<Begun> {
  const [row] = await session.select<Begun>('jobs/stage/begin');
  return row ?? { version: '0', started: '1970-01-01 00:00:00' };
}

/**
 * Computes the jobs over the traces that `selectTraces` puts into `batch_traces`, and publishes each hour by one insert per job.
 * All intermediate results are temporary tables of the session, so whatever stops it leaves either the old hour or the new one.
 */
export async function build(
  session: Session,
  { version, started }: Begun,
  batch: Batch,
  jobs: readonly Job[],
  selectTraces: (part: number) => Promise<unknown>,
): Promise<Built> {
  const needs = new Set(jobs.flatMap((job) => job.needs));
  for (const create of ['notes', 'rows_of_parts', 'names']) await session.run(`jobs/stage/${create}`);
  for (const { name } of jobs) await session.run(`jobs/${name}/create`);

  const oversize =
    batch.mostSpans < Infinity
      ? await session.run('jobs/stage/oversize', { hours: batch.hours, most: batch.mostSpans })
      : 0;
  let spans = 0;
  let noted = 0;
  for (let part = 0; part < batch.parts; part++) {
    await selectTraces(part);
    if (oversize > 0) {
      noted += await session.run('jobs/stage/oversize_noted');
      await session.run('jobs/stage/oversize_left_out');
    }
    const staged = await stageTrees(session, needs, { parts: batch.parts, part });
    spans += staged.spans;
    noted += staged.noted;
    for (const { name } of jobs) await session.run(`jobs/${name}/fill`);
    await session.run('jobs/stage/rows_of_part');
    await session.run('jobs/stage/drop_part');
  }
  for (const { name } of jobs) await session.run(`jobs/${name}/pack`, { hours: batch.hours, version });
  const notes = noted === 0 ? [] : await session.select<Note>('jobs/stage/notes_read');
  await session.run('jobs/stage/drop_build');
  return { version, started, spans, notes };
}
