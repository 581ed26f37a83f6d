import { connect, type ConnectionOptions } from '../clickhouse/client.js';
import { runJobs, type RunJobsOptions, type RunJobsResult } from './run.js';

/** Runs the jobs on one server of each shard, all at once, each over its own spans: all joins are within a trace, which is on one shard. */
export async function runJobsOnShards(
  shards: readonly Required<ConnectionOptions>[],
  options: Omit<RunJobsOptions, 'database' | 'url'> = {},
): Promise<Omit<RunJobsResult, 'run'>> {
  const settled = await Promise.allSettled(
    shards.map(async (connection) => {
      const client = connect(connection);
      const { database, url } = connection;
      return runJobs(client, { ...options, database, url }).finally(() => client.close());
    }),
  );
  // What a shard lacks is its own: the others have done their work before its error is told.
  const results = settled.map((one) => {
    if (one.status === 'rejected') throw one.reason;
    return one.value;
  });
  return {
    hours: results.reduce((sum, { hours }) => sum + hours, 0),
    spans: results.reduce((sum, { spans }) => sum + spans, 0),
    failed: results.flatMap(({ failed }) => failed),
    notes: results.flatMap(({ notes }) => notes),
  };
}
