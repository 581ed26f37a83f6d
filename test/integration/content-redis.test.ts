import { context, propagation } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { consume, redisRpc, traceRedis, type StreamEntry } from '../../adapters/redis/index.js';
import { createTracing, executeTool, invokeAgent, type Tracing, type TracingOptions } from '../../src/index.js';
import type { LocalServer } from '../servers/local-server.js';
import { startRedis } from '../servers/redis.js';
import { useClickHouse, type TestDatabase } from '../support/clickhouse.js';
import { stopTracing } from '../unit/stop-tracing.js';

const clickhouse = useClickHouse();
let server: LocalServer;
let db: TestDatabase;
let tracing: Tracing | undefined;
let redis: Redis;

beforeAll(async () => {
  server = await startRedis();
});
afterAll(() => server?.stop());
afterEach(async () => {
  redis?.disconnect();
  await stopTracing(tracing);
});

async function start(options: TracingOptions): Promise<void> {
  db = await clickhouse.database();
  tracing = createTracing({ service: 'pool', clickhouse: { url: db.url, database: db.name }, ...options }).register();
  redis = traceRedis(new Redis(server.url), { wrap: true });
  await redis.flushall();
}

/** Runs `work` as an agent in a conversation, for a tenant. */
function asTenant(work: () => Promise<unknown>): Promise<unknown> {
  const bag = propagation.createBaggage({ tenant: { value: 'acme' }, other: { value: 'no' } });
  return context.with(propagation.setBaggage(context.active(), bag), () =>
    invokeAgent({ name: 'near', conversationId: 'c-7' }, work),
  );
}

const SAID = 'the ibis owns up';
const SECRET = 'sk-planted-A1b2C3d4E5f6G7h8';

async function send(): Promise<void> {
  const said = `${SAID}: ${SECRET}`;
  await redis.publish('told', said);
  await redis.lpush('jobs', Buffer.from(said));
  await redis.xadd('log', '*', 'text', said);
  const rpc = redisRpc(redis);
  const responder = await rpc.respond('ask', () => said);
  await rpc.request('ask', said, { timeoutMs: 10_000 });
  await responder.stop();
  await rpc.close();
}

describe('over Redis', () => {
  it('the conversation reaches every agent, and listed baggage every span, by streams, lists and requests', async () => {
    await start({ baggageAttributes: ['tenant'] });
    const rpc = redisRpc(redis);
    await rpc.respond('ask', () => invokeAgent('asked', () => 'ok'));
    await asTenant(async () => {
      await redis.xadd('log', '*', 'n', '1');
      await redis.lpush('jobs', 'one');
      await rpc.request('ask', 'well?', { timeoutMs: 10_000 });
    });
    await consume(redis.xread('STREAMS', 'log', '0'), ([id]: StreamEntry) => invokeAgent('reader', () => id));
    await consume(redis.brpop('jobs', 1), () => invokeAgent('worker', () => executeTool('look', () => 1)));
    await rpc.close();
    await tracing!.shutdown();
    const rows = await db.rows<{ name: string; c: string; t: string; o: string }>(
      `SELECT SpanName name, SpanAttributes['gen_ai.conversation.id'] c, SpanAttributes['tenant'] t,
         SpanAttributes['other'] o FROM ${db.name}.otel_traces ORDER BY name`,
    );
    const agents = [
      'execute_tool look',
      ...['asked', 'near', 'reader', 'worker'].map((name) => `invoke_agent ${name}`),
    ];
    const hops = ['process ask', 'process jobs', 'process log', 'publish jobs', 'publish log', 'request ask'];
    expect(rows).toEqual([
      ...agents.map((name) => ({ name, c: 'c-7', t: 'acme', o: '' })),
      ...hops.map((name) => ({ name, c: '', t: 'acme', o: '' })),
    ]);
  });

  it.each([false, true])('bodies are content: stored %s, apart, and redacted', async (content) => {
    await start({ capture: { content } });
    await asTenant(send);
    await tracing!.shutdown();
    const stored = await db.rows<{ text: string }>(
      `SELECT formatRow('JSONEachRow', *) text FROM ${db.name}.otel_traces`,
    );
    expect(stored.length).toBeGreaterThan(4);
    expect(JSON.stringify(stored)).not.toMatch(new RegExp(`${SAID}|${SECRET}`));
    const bodies = await db.rows<{ span: string; value: string }>(
      `SELECT s.SpanName span, c.Value value FROM ${db.name}.span_content c
       INNER JOIN ${db.name}.otel_traces s ON s.SpanId = c.SpanId ORDER BY span`,
    );
    const said = `${SAID}: [redacted key]`;
    expect(bodies).toEqual(
      content
        ? [
            { span: 'publish jobs', value: said },
            { span: 'publish log', value: JSON.stringify(['text', said]) },
            { span: 'publish told', value: said },
            { span: 'request ask', value: said },
          ]
        : [],
    );
  });
});
