import { Cluster, type Redis } from 'ioredis';
import { Cluster as Cluster5 } from 'ioredis5';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { testAdapter } from '../contract/index.js';
import { startRedisCluster, type RedisCluster } from '../servers/redis-cluster.js';
import { clusterAdapters } from './adapters/redis.js';

let cluster: RedisCluster;

beforeAll(async () => {
  cluster = await startRedisCluster();
});
afterAll(() => cluster?.stop());

const framework = { describe, it, beforeAll, afterAll };
// a cluster's client has the verbs of a single one, but types of its own
const asRedis = (client: unknown): Redis => client as Redis;
const adapters = [
  ...clusterAdapters(
    'cluster, ioredis 6:',
    () => asRedis(new Cluster(cluster.startupNodes, { shardedSubscribers: true })),
    true,
  ),
  ...clusterAdapters('cluster, ioredis 5:', () => asRedis(new Cluster5(cluster.startupNodes)), false),
];
for (const adapter of adapters) testAdapter(adapter, framework);
