import { type ClickHouseClient } from '@clickhouse/client';
import { randomUUID } from 'node:crypto';
import { Session } from '../clickhouse/client.js';
import { ClickHouseError } from '../clickhouse/errors.js';
import { build, beginBuild, type Built } from './build.js';
import { jobs as allJobs, lookAtParentsOnly, type Job } from './definitions.js';
import { discover } from './discover.js';
import { Ledger } from './ledger.js';
import { runOwnJob, type OwnJob } from './own-jobs.js';
import { plan, type Batch } from './plan.js';

export interface RunJobsOptions {
  /** @default default */
  database?: string;
  /** Names of the jobs to run. @default all of them */
  jobs?: readonly string[];
  /** Further jobs, which run for each hour after the ones above have rebuilt it. @default none */
  ownJobs?: readonly OwnJob[];
  /** Rebuild the hours from here, in ms since 1970, rounded down to the hour. @default only what is new since the last run */
  from?: number;
  /** Rebuild the hours up to here, in ms since 1970, rounded up to the hour. */
  to?: number;
  /**
   * How many spans one build holds in memory at once, twice as many when edges are all that is asked for; a single trace with more is
   * left out, and said so. @default 4000000
   */
  spansPerBuild?: number;
  /** Spans inserted this long before the last run are looked at again, in seconds. @default 30 */
  marginSeconds?: number;
  /** How far a trace may reach before or after the hour it is seen in, in days. @default 7 */
  maxTraceDays?: number;
  /** The URL that error messages name. */
  url?: string;
  /** Gives the run up when it aborts: hours that were not published stay as they were. */
  signal?: AbortSignal;
  onProgress?: (done: number, total: number) => void;
}

export interface RunJobsResult {
  run: string;
  /** Hours that were built, and published by every job. */
  hours: number;
  /** Spans read. */
  spans: number;
  /** Hours that failed, with the reason; the next run tries them again. */
  failed: { hour: string; error: string }[];
  /** What else is worth a line, such as traces that are too big to be shown whole. */
  notes: string[];
}

const defaults = { database: 'default', spansPerBuild: 4_000_000, marginSeconds: 30, maxTraceDays: 7 };

/**
 * Runs the aggregation jobs: over what is new since the last run, or over a window. Safe to repeat, to kill and to run from several
 * places at once: an hour is rebuilt from whole traces and replaced whole, and the build that began last counts. Of a database that
 * spans a cluster, the shard on this server: run them on a server of each shard.
 *
 * @throws ClickHouseError when ClickHouse cannot be used at all; hours that fail are in the result and in the ledger `job_runs`
 */
export async function runJobs(client: ClickHouseClient, options: RunJobsOptions = {}): Promise<RunJobsResult> {
  const settings = { ...defaults, ...options };
  const { jobs, own } = pickJobs(options);
  const names = [...jobs, ...own].map((job) => job.name);
  const session = await openShard(client, settings, own);
  const run = randomUUID();
  const ledger = new Ledger(session, run);
  const result: RunJobsResult = { run, hours: 0, spans: 0, failed: [], notes: [] };

  const found = await discover(session, names, settings);
  const { hours } = found;

  let done = 0;
  // The first build begins with the discovery.
  let first = true;
  const attempt = async (batch: Batch): Promise<void> => {
    const begun = first ? found.begun : await beginBuild(session);
    const fromTouched = first && found.whole;
    first = false;
    try {
      const built = await build(session, begun, batch, jobs, () =>
        fromTouched
          ? session.run('jobs/stage/traces_of_touched', { hours: batch.hours })
          : selectTraces(session, batch),
      );
      await ledger.done(jobs, batch.hours, built);
      for (const job of own) await attemptOwn(job, batch.hours, built);
      result.hours += batch.hours.length;
      result.spans += built.spans;
      for (const { hour, note } of built.notes) result.notes.push(`hour ${isoHour(hour)}: ${note}`);
    } catch (error) {
      if (!(error instanceof ClickHouseError) || error.code === 'unreachable' || error.code === 'aborted') throw error;
      // One bad hour must not block the others, and one that is only too big may pass in parts.
      if (batch.hours.length > 1) {
        for (const hour of batch.hours) await attempt({ ...batch, hours: [hour], parts: 1 });
        return;
      }
      if (/memory limit/i.test(error.message) && batch.parts < 64)
        return attempt({ ...batch, parts: batch.parts * 8, mostSpans: settings.spansPerBuild });
      // Even so few traces are too many, so one of them is: without it, the rest of the hour is there.
      const few = Math.ceil(settings.spansPerBuild / 64);
      if (/memory limit/i.test(error.message) && batch.mostSpans > few) return attempt({ ...batch, mostSpans: few });
      await ledger.failed(names, batch.hours, begun, error.message);
      result.failed.push({ hour: isoHour(batch.hours[0] ?? 0), error: error.message });
    }
    done += batch.hours.length;
    settings.onProgress?.(done, hours.length);
  };
  // The hours are published by now, so a job of the user's that fails takes nothing down; the next run tries its hour again.
  const attemptOwn = async (job: OwnJob, ofHours: number[], built: Built): Promise<void> => {
    for (const hour of ofHours) {
      try {
        const rows = await runOwnJob(session, job, hour, built.version);
        await ledger.ownDone(job.name, hour, built, rows);
      } catch (error) {
        if (!(error instanceof ClickHouseError) || error.code === 'unreachable' || error.code === 'aborted')
          throw error;
        await ledger.failed([job.name], [hour], built, error.message);
        result.failed.push({ hour: isoHour(hour), error: `job ${job.name}: ${error.message}` });
      }
    }
  };
  const spansPerBuild = settings.spansPerBuild * (lookAtParentsOnly(jobs) ? 2 : 1);
  for (const batch of plan(hours, spansPerBuild, settings.spansPerBuild)) await attempt(batch);

  // A window says nothing of the spans outside it, so only a run over all that is new moves the watermark.
  if (found.seen !== undefined) await session.run('jobs/discover/advance', { jobs: names, now: found.seen });
  return result;
}

/** A session on the database of this server's own spans. */
async function openShard(
  client: ClickHouseClient,
  options: RunJobsOptions & { database: string },
  own: readonly OwnJob[],
): Promise<Session> {
  const session = await Session.open(client, options);
  if (session.shard !== options.database && own.length > 0) {
    throw new RangeError(
      'jobs of your own read the views, which span the shards: they run on a database of one server',
    );
  }
  session.database = session.shard;
  return session;
}

/** Takes the traces of a batch in so many goes that no statement holds those of more than eight parts. */
async function selectTraces(session: Session, { hours, parts }: Batch): Promise<void> {
  const goes = Math.ceil(parts / 8);
  for (let go = 0; go < goes; go++) {
    const how = go === 0 ? 'create' : 'append';
    await session.fill(how, 'jobs/stage/traces_of_hours', { hours, goes, go });
  }
}

const isoHour = (seconds: number): string => new Date(seconds * 1000).toISOString();

function pickJobs(options: RunJobsOptions): { jobs: Job[]; own: OwnJob[] } {
  const { jobs: names = [], ownJobs = [] } = options;
  const known = [...allJobs, ...ownJobs].map(({ name }) => name);
  for (const name of names) {
    if (!known.includes(name)) {
      throw new RangeError(`there is no job ${JSON.stringify(name)}; the jobs are ${known.join(', ')}`);
    }
  }
  const wanted = ({ name }: { name: string }) => names.length === 0 || names.includes(name);
  return { jobs: allJobs.filter(wanted), own: ownJobs.filter(wanted) };
}
