import { type Session } from '../clickhouse/client.js';
import { readSql } from '../sql/read.js';
import { type Begun, type Built } from './build.js';
import { type Job } from './definitions.js';

/** Writes into the ledger `job_runs` what a run did. Hours are Unix times in seconds. */
export class Ledger {
  constructor(
    private readonly session: Session,
    private readonly run: string,
  ) {}

  /** The jobs have published these hours. */
  async done(jobs: readonly Job[], hours: readonly number[], { version, started, notes }: Built): Promise<void> {
    if (jobs.length === 0) return;
    const noted = { noted: notes.map(({ hour }) => hour), notes: notes.map(({ note }) => note) };
    await this.session.statement(
      `WITH published AS (\n${jobs.map(publishedBy).join('\nUNION ALL\n')}\n)\n${readSql('queries/ledger_done')}`,
      {
        ...{ run: this.run, hours, version, started },
        ...noted,
      },
    );
  }

  /** A job of the user's is through with an hour. */
  async ownDone(job: string, hour: number, { version, started }: Begun, rows: number): Promise<void> {
    await this.session.run('queries/ledger_own_done', { run: this.run, job, hour, version, started, rows });
  }

  /** The jobs could not build these hours. */
  async failed(
    jobs: readonly string[],
    hours: readonly number[],
    { version, started }: Begun,
    error: string,
  ): Promise<void> {
    await this.session.run('queries/ledger_failed', { run: this.run, jobs, hours, version, started, error });
  }
}

/** One statement asks for all jobs, so what differs from job to job stands in its text; all of it is from the jobs' definitions. */
function publishedBy({ name, table, rows }: Job): string {
  return readSql('queries/published')
    .replace('{job:String}', `'${name}'`)
    .replace('{rows:Identifier}', rows)
    .replace('{table:Identifier}', table);
}
