import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Session } from '../clickhouse/client.js';
import { jobs } from './definitions.js';

/** A user's own job: the statements of one SQL file, run for each hour that the jobs have rebuilt. */
export interface OwnJob {
  /** The name of the file without its ending. */
  name: string;
  statements: readonly string[];
}

/**
 * The jobs in a directory, one for each `*.sql` file, by name. Statements end with a `;` at the end of a line.
 *
 * @throws RangeError when the directory or a file cannot be read, a name is taken or no name, or a file has no statement
 */
export function readOwnJobs(dir: string): OwnJob[] {
  return filesOf(dir).map((file) => {
    const name = file.slice(0, -'.sql'.length);
    const path = join(dir, file);
    if (!/^[a-z][a-z0-9_-]{0,63}$/.test(name)) {
      throw new RangeError(`${path}: a job's file is named like my_job.sql, in small letters`);
    }
    if (jobs.some((job) => job.name === name)) throw new RangeError(`${path}: there is a job of that name already`);
    const statements = splitStatements(readText(path));
    if (statements.length === 0) throw new RangeError(`${path}: there is no statement in it`);
    return { name, statements };
  });
}

/** Runs a job over one hour, in seconds since 1970; returns how many rows its statements wrote. */
export async function runOwnJob(session: Session, job: OwnJob, hour: number, version: string): Promise<number> {
  let written = 0;
  // a DateTime takes seconds only from five digits on, and rows of strangers may say 1970
  const params = { hour: String(hour).padStart(10, '0'), version };
  for (const statement of job.statements) written += await session.statement(statement, params);
  return written;
}

function filesOf(dir: string): string[] {
  try {
    return readdirSync(dir)
      .filter((file) => file.endsWith('.sql'))
      .sort();
  } catch (cause) {
    throw new RangeError(`the directory of jobs ${JSON.stringify(dir)} cannot be read`, { cause });
  }
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new RangeError(`${path} cannot be read`, { cause });
  }
}

/** Statements without their `;`; what is only comments is none. */
function splitStatements(text: string): string[] {
  return text
    .split(/;[ \t]*(?:\r?\n|$)/)
    .map((statement) => statement.trim())
    .filter((statement) => statement.replace(/^\s*--.*$/gm, '').trim() !== '');
}
