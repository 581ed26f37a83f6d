import { Redis } from 'ioredis';
import { Redis as Redis5 } from 'ioredis5';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { traceRedis, type TraceRedisOptions } from '../../adapters/redis/index.js';
import { createTracing, type Tracing } from '../../src/index.js';
import type { LocalServer } from '../servers/local-server.js';
import { startRedis } from '../servers/redis.js';
import { MemorySink } from '../unit/support.js';
import { COMMANDS } from './scenarios/commands.js';
import { MESSAGES } from './scenarios/messages.js';
import type { Scenario, Scene } from './scenarios/scene.js';

let server: LocalServer;
let tracing: Tracing;

beforeAll(async () => {
  server = await startRedis();
  tracing = createTracing({ service: 'transparency', sink: new MemorySink() }).register();
});
afterAll(async () => {
  await tracing?.shutdown();
  await server?.stop();
});

const CLIENTS = { 'ioredis 6': Redis, 'ioredis 5': Redis5 as unknown as typeof Redis };
const MODES: Record<string, TraceRedisOptions> = { 'nothing wrapped': {}, 'everything wrapped': { wrap: true } };

async function transcript(
  scenario: Scenario,
  Client: typeof Redis,
  wrap: (client: Redis) => Redis,
): Promise<unknown[]> {
  const seen: unknown[] = [];
  const heard: unknown[] = [];
  const make: Scene['make'] = (options = {}) => wrap(new Client({ port: server.port, ...(options as object) }));
  const [redis, sub] = [make(), make()];
  await Promise.all([redis.flushall(), sub.ping()]);
  await scenario({
    make,
    redis,
    sub,
    see: (...some) => void seen.push(...some),
    hear: (...some) => void heard.push(...some),
  });
  redis.disconnect();
  sub.disconnect();
  return [...seen, 'heard', ...heard];
}

describe.each(Object.entries(CLIENTS))('a wrapped client of %s does what a plain one does', (_, Client) => {
  describe.each(Object.entries(MODES))('with %s', (_name, options) => {
    it.each(Object.entries({ ...MESSAGES, ...COMMANDS }))('%s', async (_what, scenario) => {
      const plain = await transcript(scenario, Client, (client) => client);
      const wrapped = await transcript(scenario, Client, (client) => traceRedis(client, options));
      expect(plain.length).toBeGreaterThan(1);
      expect(wrapped).toEqual(plain);
    });
  });
});
