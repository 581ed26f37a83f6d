/** A ClickHouse cluster, as `remote_servers` of its servers names it. */
export interface ClusterOptions {
  name: string;
  /**
   * Whether the cluster has Keeper: then statements go ON CLUSTER once and tables are Replicated. Without it, migrate has to be run on
   * each server, and tables are plain.
   * @default true
   */
  keeper?: boolean;
}

/** Beside the database that spans the cluster, the one with the tables of each shard: what the jobs read and write. */
export function shardDatabase(database: string): string {
  return `${database}_shard`;
}

const statementHead =
  /^((?:CREATE (?:OR REPLACE )?(?:TABLE|VIEW|MATERIALIZED VIEW|DATABASE)|ALTER TABLE|SYSTEM FLUSH DISTRIBUTED)(?: IF NOT EXISTS)? (?:\{\w+:Identifier\}|\w+))/m;

/**
 * A statement of the schema for a cluster with Keeper: ON CLUSTER, engines Replicated, and the replicated deduplication window. Where a
 * replica keeps its state is left to the servers' `default_replica_path`, which names the shard.
 *
 * @throws RangeError when the cluster's name has characters that no configuration has
 */
export function forCluster(statement: string, cluster: string): string {
  if (!/^[\w.-]{1,100}$/.test(cluster)) throw new RangeError(`${JSON.stringify(cluster)} is no name of a cluster`);
  return statement
    .replace(statementHead, (head) => `${head} ON CLUSTER '${cluster}'`)
    .replace(/\bENGINE = (\w*MergeTree)\b/, 'ENGINE = Replicated$1')
    .replace(/\bnon_replicated_deduplication_window\b/g, 'replicated_deduplication_window');
}
