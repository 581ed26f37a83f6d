import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis5';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { testAdapter } from '../contract/index.js';
import type { LocalServer } from '../servers/local-server.js';
import { startNats } from '../servers/nats.js';
import { startRedis } from '../servers/redis.js';
import { memoryAdapter } from './adapters/memory.js';
import { natsAdapter } from './adapters/nats.js';
import { redisAdapters } from './adapters/redis.js';

let nats: LocalServer;
let redis: LocalServer;

beforeAll(async () => {
  [nats, redis] = await Promise.all([startNats(), startRedis()]);
});
afterAll(async () => {
  await Promise.all([nats?.stop(), redis?.stop()]);
});

const framework = { describe, it, beforeAll, afterAll };
const adapters = [
  memoryAdapter(),
  natsAdapter(() => nats.url),
  ...redisAdapters('ioredis 6', () => new Redis(redis.url)),
  ...redisAdapters('ioredis 5', () => new Redis5(redis.url) as unknown as Redis),
];
for (const adapter of adapters) testAdapter(adapter, framework);
