/**
 * The ClickHouse side: an embedded server, the schema, and the jobs.
 *
 * @module
 * @example
 * const server = await startEmbedded();
 * const client = createClient({ url: server.url });
 * await migrate(client);
 * await runJobs(client);
 */
export { type ClusterOptions } from './cluster.js';
export { startEmbedded, type EmbeddedOptions, type EmbeddedServer } from './embedded.js';
export { ClickHouseError, type ClickHouseErrorCode } from './errors.js';
export { migrate, type MigrateOptions, type MigrateResult } from './migrate.js';
export { runJobs, type RunJobsOptions, type RunJobsResult } from '../jobs/run.js';
export { readOwnJobs, type OwnJob } from '../jobs/own-jobs.js';
