import { type Command, Option } from 'commander';
import { resolveConnection, type ConnectionOptions } from '../clickhouse/client.js';
import { readOwnJobs, type OwnJob } from '../jobs/own-jobs.js';
import { type Window } from '../views/window.js';
import { UsageError } from './errors.js';

/** Adds the options that say where ClickHouse is. */
export function withConnection(command: Command): Command {
  return command
    .option('--url <url>', 'ClickHouse HTTP address (else CLICKHOUSE_URL, else http://127.0.0.1:8123)')
    .option('--database <name>', 'database (else CLICKHOUSE_DATABASE, else default)')
    .option('--user <name>', 'user (else CLICKHOUSE_USER, else default)')
    .option('--password <password>', 'password (else CLICKHOUSE_PASSWORD)');
}

export interface ConnectionFlags {
  url?: string;
  database?: string;
  user?: string;
  password?: string;
}

/** The connection that the flags ask for. */
export function connectionOf({ url, database, user, password }: ConnectionFlags): ConnectionOptions {
  if (database === '') throw new UsageError('--database "" is no name; leave it out for the default database');
  return {
    ...(url === undefined ? {} : { url }),
    ...(database === undefined ? {} : { database }),
    ...(user === undefined ? {} : { username: user }),
    ...(password === undefined ? {} : { password }),
  };
}

/** Adds the option that names the shards of a cluster, for what has to run on each of them. */
export function withShards(command: Command): Command {
  return command.option(
    '--shards <urls>',
    'HTTP addresses of one server of each shard, with commas between (else --url)',
  );
}

/** The connections to the shards that the flags name, or the only one. */
export function shardsOf(
  flags: ConnectionFlags & { shards?: string },
): [Required<ConnectionOptions>, ...Required<ConnectionOptions>[]] {
  const [first, ...others] = flags.shards?.split(',').map((url) => url.trim()) ?? [];
  const at = (url: string | undefined) =>
    resolveConnection(connectionOf(url === undefined ? flags : { ...flags, url }));
  return [at(first), ...others.map(at)];
}

/** Adds the option that names a directory of the user's own jobs. */
export function withJobsDir(command: Command): Command {
  return command.option('--jobs-dir <dir>', 'directory of your own jobs, one SQL file each');
}

/** The user's own jobs in the directory that the flags name. */
export function ownJobsOf({ jobsDir }: { jobsDir?: string }): OwnJob[] {
  try {
    return jobsDir === undefined ? [] : readOwnJobs(jobsDir);
  } catch (cause) {
    throw cause instanceof RangeError ? new UsageError(cause.message, { cause }) : cause;
  }
}

/** Adds the options for a window of time. */
export function withWindow(command: Command): Command {
  return command
    .option('--from <time>', 'start: an ISO time (UTC unless it says otherwise), or 15m, 24h, 7d ago')
    .option('--to <time>', 'end, in the same forms');
}

export interface WindowFlags {
  from?: string;
  to?: string;
}

/** The window that the flags ask for; by default the last hour. */
export function windowOf(flags: WindowFlags, now = Date.now()): Window {
  const to = flags.to === undefined ? now : parseTime(flags.to, '--to', now);
  const from = flags.from === undefined ? to - 3_600_000 : parseTime(flags.from, '--from', now);
  if (from >= to) throw new UsageError(`--from must be before --to; got ${iso(from)} and ${iso(to)}`);
  return { from, to };
}

const units: Record<string, number> = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };
const isoPattern = /^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?$/;

/** A time in ms since 1970, from an ISO time or from how long ago it was. */
export function parseTime(text: string, option: string, now = Date.now()): number {
  const ago = /^(\d{1,9})([smhdw])$/.exec(text);
  const parsed = ago !== null ? now - Number(ago[1]) * (units[ago[2] ?? ''] ?? 0) : parseIso(text);
  if (!Number.isFinite(parsed) || parsed < 0 || parsed > Date.UTC(2105, 0)) {
    throw new UsageError(`${option} ${JSON.stringify(text)} is no time; use 2026-11-01T12:00:00Z, or 15m, 24h, 7d ago`);
  }
  return parsed;
}

function parseIso(text: string): number {
  const match = isoPattern.exec(text);
  if (match === null) return NaN;
  const zoned = match[4] !== undefined || match[1] === undefined ? text : `${text}Z`;
  const time = Date.parse(zoned.replace(' ', 'T'));
  // Date.parse rolls 31 June over to 1 July: no such day.
  const day = Date.parse(text.slice(0, 10));
  return !Number.isNaN(day) && iso(day).startsWith(text.slice(0, 10)) ? time : NaN;
}

/** A time as people and ClickHouse read it. */
export function iso(ms: number): string {
  return new Date(ms).toISOString();
}

/** An option with a fixed set of values. */
export function choice(flags: string, about: string, values: readonly string[], standard: string): Option {
  return new Option(flags, about).choices(values).default(standard);
}

/** Adds `-o FILE`. */
export function withOutput(command: Command): Command {
  return command.option('-o, --output <file>', 'write to a file instead of stdout');
}

/** A whole number from an option. */
export function wholeNumber(option: string, least: number, most: number): (text: string) => number {
  return (text) => {
    const value = /^\d{1,10}$/.test(text) ? Number(text) : NaN;
    if (!(value >= least && value <= most)) {
      throw new UsageError(`${option} ${JSON.stringify(text)} must be a whole number from ${least} to ${most}`);
    }
    return value;
  };
}
