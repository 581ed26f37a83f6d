import { type Command } from 'commander';
import Table from 'cli-table3';
import { jobs as allJobs } from '../../jobs/definitions.js';
import { runJobsOnShards } from '../../jobs/shards.js';
import { UsageError } from '../errors.js';
import {
  choice,
  ownJobsOf,
  shardsOf,
  windowOf,
  withConnection,
  withJobsDir,
  withOutput,
  withShards,
  withWindow,
  type ConnectionFlags,
  type WindowFlags,
} from '../options.js';
import { say, startProgress, writeData } from '../output.js';
import { withSession } from '../session.js';
import { addSchedule } from './schedule.js';

/** `spanbus jobs run`, `spanbus jobs list` and `spanbus jobs schedule`. */
export function addJobs(program: Command): void {
  const group = program.command('jobs').description('the aggregation jobs');
  withJobsDir(withShards(withWindow(withConnection(group.command('run')))))
    .description(
      `run the jobs (${allJobs.map((job) => job.name).join(', ')}) over what is new since the last run, or over a window`,
    )
    .argument('[names...]', 'jobs to run (default: all)')
    .action(runCommand);
  withJobsDir(withOutput(withConnection(group.command('list'))))
    .description('the jobs and their ledger in short')
    .addOption(choice('--format <format>', 'output format', ['table', 'json'], 'table'))
    .action(listCommand);
  addSchedule(group);
}

interface RunFlags extends ConnectionFlags, WindowFlags {
  shards?: string;
  jobsDir?: string;
}

async function runCommand(names: string[], flags: RunFlags): Promise<void> {
  const ownJobs = ownJobsOf(flags);
  const known = [...allJobs, ...ownJobs].map((job) => job.name);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    throw new UsageError(`there is no job ${JSON.stringify(unknown)}; the jobs are ${known.join(', ')}`);
  }
  const window = flags.from === undefined && flags.to === undefined ? {} : windowOf(flags);
  const progress = startProgress('running the jobs, hours');
  const started = Date.now();
  try {
    const result = await runJobsOnShards(shardsOf(flags), {
      jobs: names,
      ownJobs,
      ...window,
      onProgress: progress.update,
    });
    progress.end();
    const seconds = ((Date.now() - started) / 1000).toFixed(1);
    say(`${count(result.hours, 'hour')} rebuilt from ${count(result.spans, 'span')} in ${seconds} s`);
    for (const note of result.notes) say(note);
    for (const { hour, error } of result.failed) say(`hour ${hour} failed, the next run tries it again: ${error}`);
    if (result.failed.length > 0) process.exitCode = 1;
  } finally {
    progress.end();
  }
}

const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;

/** One line of the ledger in short, as `queries/jobs.sql` gives it. */
interface LedgerLine {
  job: string;
  lastRun: string;
  hours: number;
  newestHour: string;
  rowsIn: number;
  rowsOut: number;
  failures: number;
  lastError: string;
}

async function listCommand(
  flags: ConnectionFlags & { format: string; output?: string; jobsDir?: string },
): Promise<void> {
  const own = ownJobsOf(flags).map(({ name }) => ({ name, about: `your own, ${name}.sql` }));
  const ledger = await withSession(flags, (session) => session.select<LedgerLine>('queries/jobs'));
  const lines = [...allJobs, ...own].map(({ name, about }) => ({
    name,
    about,
    ...ledger.find((line) => line.job === name),
  }));
  if (flags.format === 'json') return writeData(JSON.stringify(lines, null, 2), flags.output);
  const table = new Table({
    head: ['job', 'computes', 'last run', 'hours', 'spans in', 'rows out', 'failures'],
    style: { head: [], border: [], compact: true },
  });
  for (const line of lines) {
    const { name, about, lastRun = 'never', hours = 0, rowsIn = 0, rowsOut = 0, failures = 0 } = line;
    table.push([name, about, lastRun, hours, rowsIn, rowsOut, failures]);
  }
  return writeData(table.toString(), flags.output);
}
