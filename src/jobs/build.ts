import { type Session } from '../clickhouse/client.js';
import { type Job } from './definitions.js';
import { type Batch } from './plan.js';
import { stageTrees, type Note } from './stage.js';

export interface Begun {
  /** The server's time before anything was read, in ns: of two builds of an hour the higher one counts. */
  version: string;
  started: string;
}

export interface Built extends Begun {
  spans: number;
  /** What is worth a line in the ledger, one note for each hour that has any. */
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
  selectTraces: () => Promise<unknown>,
): Promise<Built> {
  const needs = new Set(jobs.flatMap((job) => job.needs));
  const oversize =
    batch.mostSpans < Infinity
      ? await session.run('jobs/stage/oversize', { hours: batch.hours, most: batch.mostSpans })
      : 0;
  await selectTraces();
  const spansOf = new Map(batch.hours.map((hour) => [hour, 0]));
  const notes: Note[] = [];
  if (oversize > 0) {
    notes.push(...(await session.select<Note>('jobs/stage/oversize_notes')));
    await session.run('jobs/stage/oversize_left_out');
  }
  const [hour = 0] = batch.hours;
  for (let part = 0; part < batch.parts; part++) {
    if (part > 0) await session.run('jobs/stage/drop_part');
    const staged = await stageTrees(session, needs, { parts: batch.parts, part, hour });
    notes.push(...staged.notes);
    for (const { hour, spans } of staged.hours) spansOf.set(hour, (spansOf.get(hour) ?? 0) + spans);
    for (const { name } of jobs) await session.fill(part === 0 ? 'create' : 'append', `jobs/${name}/fill`);
  }
  const published = { hours: [...spansOf.keys()], spans: [...spansOf.values()], version };
  for (const { name } of jobs) await session.run(`jobs/${name}/pack`, published);
  await session.run('jobs/stage/drop_build');
  const spans = published.spans.reduce((sum, of) => sum + of, 0);
  return { version, started, spans, notes: joinNotes(notes) };
}

/** One note for each hour: of what is worth noting the first twenty. */
function joinNotes(notes: readonly Note[]): Note[] {
  const hours = [...new Set(notes.map(({ hour }) => hour))].sort((a, b) => a - b);
  return hours.map((hour) => {
    const lines = notes.filter((one) => one.hour === hour).map(({ note }) => note);
    return { hour, note: [...new Set(lines)].sort().slice(0, 20).join('; ') };
  });
}
