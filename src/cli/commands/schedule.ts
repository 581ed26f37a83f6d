import { type Command } from 'commander';
import { Cron } from 'croner';
import { oneLine } from '../../clickhouse/errors.js';
import { type Keep } from '../../schedule/reports.js';
import { schedule } from '../../schedule/scheduler.js';
import { UsageError } from '../errors.js';
import { ownJobsOf, shardsOf, wholeNumber, windowOf } from '../options.js';
import { withConnection, withJobsDir, withShards, withWindow } from '../options.js';
import { type ConnectionFlags, type WindowFlags } from '../options.js';
import { makeDirectory, say } from '../output.js';

interface ScheduleFlags extends ConnectionFlags, WindowFlags {
  shards?: string;
  jobsDir?: string;
  every: string;
  reportsDir: string;
  keep?: Keep;
  healthPort?: number;
}

/** `spanbus jobs schedule`: the jobs and a report at the times of a cron pattern, until SIGTERM or SIGINT. */
export function addSchedule(group: Command): void {
  withJobsDir(withShards(withWindow(withConnection(group.command('schedule')))))
    .description('run the jobs and write a report at the times of a cron pattern, until it is interrupted')
    .requiredOption(
      '--every <cron>',
      'cron pattern, with five fields or six (seconds first), in local time',
      cronPattern,
    )
    .requiredOption('--reports-dir <dir>', 'directory of the reports; made when it is missing')
    .option('--keep <count>', 'keep this many reports, or those of so many days: 30 or 30d (default: 30)', keepOf)
    .option(
      '--health-port <port>',
      'answer 200 or 503 on this port of 127.0.0.1',
      wholeNumber('--health-port', 1, 65_535),
    )
    .action(async (flags: ScheduleFlags) => {
      const { every, reportsDir, keep, healthPort } = flags;
      windowOf(flags);
      makeDirectory(reportsDir);
      const ending = new AbortController();
      for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => ending.abort());
      await schedule({
        shards: shardsOf(flags),
        ownJobs: ownJobsOf(flags),
        every,
        reportsDir,
        keep: keep ?? { newest: 30 },
        windowAt: (due) => windowOf(flags, due),
        signal: ending.signal,
        log: say,
        ...(healthPort === undefined ? {} : { healthPort }),
      });
    });
}

function cronPattern(text: string): string {
  try {
    new Cron(text, { paused: true }).stop();
    return text;
  } catch (cause) {
    const why = oneLine(cause instanceof Error ? cause.message : String(cause));
    throw new UsageError(`--every ${JSON.stringify(text)} is no cron pattern (${why}); use for instance "5 * * * *"`, {
      cause,
    });
  }
}

function keepOf(text: string): Keep {
  const [, number = '', days = ''] = /^([1-9]\d{0,5})(d?)$/.exec(text) ?? [];
  if (number === '')
    throw new UsageError(`--keep ${JSON.stringify(text)} must be a number of reports, or of days: 30d`);
  return days === '' ? { newest: Number(number) } : { days: Number(number) };
}
