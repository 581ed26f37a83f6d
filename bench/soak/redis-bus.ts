import { Redis } from 'ioredis';
import { redisRpc, traceRedis } from '../../adapters/redis/index.js';
import type { AgentBus, Body } from '../../src/demo/bus.js';

const encode = (body: Body): string => JSON.stringify(body);
const decode = (data: Uint8Array): Body => JSON.parse(Buffer.from(data).toString() || '{}') as Body;

/** The soak's agents over Redis: requests by RPC on channels, events by pub/sub. */
export async function connectRedis(url: string): Promise<AgentBus> {
  const redis = traceRedis(new Redis(url, { maxRetriesPerRequest: null }), { wrap: { channels: true } });
  redis.on('error', () => {});
  const rpc = redisRpc(redis);
  const subscriber = redis.duplicate();
  subscriber.on('error', () => {});
  await redis.ping();
  return {
    respond(subject, handler) {
      void rpc.respond(subject, async (request) => encode(await handler(decode(request.data))));
    },
    listen(subject, handler) {
      void subscriber.subscribe(subject);
      subscriber.on('message', (channel, text) => {
        if (channel === subject) void handler(JSON.parse(text) as Body);
      });
    },
    request: async (subject, body, timeout = 5000) =>
      decode(await rpc.request(subject, encode(body), { timeoutMs: timeout })),
    publish: (subject, body) => void redis.publish(subject, encode(body)).catch(() => {}),
    async close() {
      await rpc.close();
      subscriber.disconnect();
      // publishes that are on their way
      await redis.quit().catch(() => {});
    },
  };
}
