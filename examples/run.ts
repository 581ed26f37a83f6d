import { startRedis } from '../test/servers/redis.js';
import { startNats } from '../test/servers/nats.js';
import { migrate, startEmbedded } from 'spanbus/clickhouse';
import { createClient } from '@clickhouse/client';
import { spawnSync } from 'node:child_process';
import { EXAMPLES, runExample, type Example } from './run-example.js';

/** `npm run example -- nats-team`: servers of its own, the example's processes, and the trace as a tree. */
const [name] = process.argv.slice(2);
if (name === undefined || !Object.hasOwn(EXAMPLES, name)) {
  process.stderr.write(`which example? ${Object.keys(EXAMPLES).join(', ')}\n`);
  process.exit(2);
}

const [clickhouse, nats, redis] = await Promise.all([startEmbedded(), startNats(), startRedis()]);
try {
  const client = createClient({ url: clickhouse.url });
  await migrate(client, { database: 'examples' });
  await client.close();
  const servers = {
    NATS_URL: nats.url,
    REDIS_URL: redis.url,
    CLICKHOUSE_URL: clickhouse.url,
    CLICKHOUSE_DATABASE: 'examples',
  };
  const id = await runExample(name as Example, servers);
  spawnSync(process.execPath, ['--import', 'tsx', 'src/cli/main.ts', 'trace', id], {
    env: { ...process.env, ...servers },
    stdio: 'inherit',
  });
} finally {
  await Promise.all([nats.stop(), redis.stop(), clickhouse.close()]);
}
