import { execFile } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { LocalServer } from './local-server.js';
import { SERVER_PATH } from './programs.js';
import { startRedis } from './redis.js';

/** A Redis Cluster of three masters. */
export interface RedisCluster {
  readonly nodes: LocalServer[];
  /** Where a client begins. */
  readonly startupNodes: { host: string; port: number }[];
  stop(): Promise<void>;
}

const run = promisify(execFile);
const env = { ...process.env, PATH: SERVER_PATH };

function cli(port: number, ...args: string[]): Promise<{ stdout: string }> {
  return run('redis-cli', ['-p', String(port), ...args], { env, timeout: 20_000 });
}

/** Starts three `redis-server --cluster-enabled yes` and has `redis-cli` share the slots out among them. */
export async function startRedisCluster(): Promise<RedisCluster> {
  const starting = [1, 2, 3].map(() => startRedis('--cluster-enabled', 'yes', '--cluster-node-timeout', '2000'));
  const nodes = await Promise.all(starting);
  const stop = async (): Promise<void> => void (await Promise.all(nodes.map((node) => node.stop())));
  try {
    const addresses = nodes.map((node) => `127.0.0.1:${node.port}`);
    await cli(nodes[0]!.port, '--cluster', 'create', ...addresses, '--cluster-yes');
    for (const node of nodes) {
      for (let i = 0; !(await cli(node.port, 'cluster', 'info')).stdout.includes('cluster_state:ok'); i++) {
        if (i > 100) throw new Error('the cluster was not up within 10 s');
        await sleep(100);
      }
    }
  } catch (error) {
    await stop();
    throw error;
  }
  return { nodes, startupNodes: nodes.map(({ port }) => ({ host: '127.0.0.1', port })), stop };
}
