import { Cron } from 'croner';
import { mkdir } from 'node:fs/promises';
import { connect, Session, type ConnectionOptions } from '../clickhouse/client.js';
import { oneLine } from '../clickhouse/errors.js';
import { type OwnJob } from '../jobs/own-jobs.js';
import { runJobsOnShards } from '../jobs/shards.js';
import { wholeHours, type Window } from '../views/window.js';
import { serveHealth, type LastRun } from './health.js';
import { removeOld, reportName, writeReport, type Keep } from './reports.js';

export interface ScheduleOptions {
  /** One server of each shard; the report is read from the first. */
  shards: [Required<ConnectionOptions>, ...Required<ConnectionOptions>[]];
  /** The user's own jobs, which run after the others. */
  ownJobs: readonly OwnJob[];
  /** A cron pattern of five fields, or six with seconds in front, in local time. */
  every: string;
  reportsDir: string;
  keep: Keep;
  /** The window of the report that is due at a time in ms. */
  windowAt: (dueMs: number) => Window;
  /** Port of the health endpoint on 127.0.0.1. @default none */
  healthPort?: number;
  /** Ends the scheduler; a run that is under way is given up, without a half-written result. */
  signal: AbortSignal;
  /** One line for people after each run. */
  log: (line: string) => void;
}

/**
 * Runs the jobs at the times of a cron pattern and writes a report after each run, until the signal aborts. A run that fails, because
 * ClickHouse is away for instance, is one line in the log, and the next one catches up: the jobs do what is new since the last run that
 * worked. Several schedulers may share a database and a reports directory.
 *
 * @throws TypeError or RangeError when the pattern is none
 */
export async function schedule(options: ScheduleOptions): Promise<void> {
  const { signal, log } = options;
  let lastRun: LastRun | null = null;
  let running: Promise<void> = Promise.resolve();
  // protect: a run that is due while the last one still works is skipped
  const cron = new Cron(options.every, { paused: true, protect: true }, () => (running = runOnce()));
  const nextRun = () => cron.nextRun()?.toISOString() ?? null;

  const runOnce = async (): Promise<void> => {
    const started = Date.now();
    const due = cron.currentRun()?.getTime() ?? started;
    const seconds = () => Math.round((Date.now() - started) / 100) / 10;
    const run = { due: new Date(due).toISOString(), hours: 0, spans: 0 };
    try {
      const { hours, spans, notes, failed } = await runAndReport(options, due);
      const error = failed.map(({ hour, error }) => `hour ${hour} failed: ${error}`)[0];
      lastRun = { ...run, hours, spans, seconds: seconds(), ...(error === undefined ? {} : { error }) };
      log(`${hours} hours rebuilt from ${spans} spans and report ${reportName(due)} written in ${seconds()} s`);
      for (const note of [...notes, ...failed.map(({ hour, error }) => `hour ${hour} failed: ${error}`)]) log(note);
    } catch (error) {
      if (signal.aborted) return;
      const message = oneLine(error instanceof Error ? error.message : String(error));
      lastRun = { ...run, seconds: seconds(), error: message };
      log(`the run failed, the next one at ${nextRun() ?? 'no time'} catches up: ${message}`);
    }
  };

  const { healthPort } = options;
  const health =
    healthPort === undefined ? undefined : await serveHealth(healthPort, () => ({ lastRun, nextRun: nextRun() }));
  await new Promise<void>((end) => {
    if (signal.aborted) return end();
    signal.addEventListener('abort', () => end(), { once: true });
    cron.resume();
    log(`the jobs run next at ${nextRun() ?? 'no time: the pattern lies in the past'}`);
  });
  cron.stop();
  await running;
  health?.close();
}

async function runAndReport({ shards, ownJobs, reportsDir, keep, windowAt, signal }: ScheduleOptions, due: number) {
  const result = await runJobsOnShards(shards, { ownJobs, signal });
  const { database, url } = shards[0];
  const client = connect(shards[0]);
  try {
    await mkdir(reportsDir, { recursive: true });
    const session = await Session.open(client, { database, url, signal });
    await writeReport(session, wholeHours(windowAt(due)), reportsDir, reportName(due));
    await removeOld(reportsDir, keep);
    return result;
  } finally {
    await client.close();
  }
}
