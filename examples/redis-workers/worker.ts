import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import {
  createTracing,
  executeTool,
  inference,
  invokeAgent,
  recordHandoff,
  recordReasoning,
  recordUsage,
} from 'spanbus';
import { consume, traceRedis, type StreamEntry } from 'spanbus/redis';

createTracing({ service: 'triage' }).register();
const redis = traceRedis(new Redis(process.env['REDIS_URL']!), { wrap: { streams: ['tickets'] } });
const GROUP = 'triage';
const name = `worker-${process.pid}`;

/** Stands in for a model's client: put a real call here, and report its usage the same way. */
const chat = (prompt: string, input: number, output: number): Promise<string> =>
  inference({ model: 'small-1', provider: 'stand-in', messages: prompt }, async () => {
    await sleep(50);
    recordUsage({ inputTokens: input, outputTokens: output });
    return 'an answer';
  });

const lookUp = (order: string): Promise<string> =>
  executeTool(
    'look_up_order',
    async () => {
      await sleep(15);
      if (order === 'gone') throw new Error('no such order');
      return 'on its way';
    },
    { arguments: { order } },
  );

/** Answers a ticket, or hands it to somebody who can. */
async function answer(order: string, text: string): Promise<void> {
  recordReasoning(`The order's state decides; looking up ${order}.`);
  try {
    await chat(`${text} (${await lookUp(order)})`, 540, 120);
  } catch {
    recordReasoning('Nothing is known of this order: a person has to look.');
    recordHandoff('human-support');
  }
}

await redis.xgroup('CREATE', 'tickets', GROUP, '0', 'MKSTREAM').catch(() => undefined);
console.log('ready');
for (;;) {
  const entries = redis.xreadgroup('GROUP', GROUP, name, 'COUNT', 1, 'BLOCK', 0, 'STREAMS', 'tickets', '>');
  await consume(entries, async ([id, fields]: StreamEntry) => {
    const [, , , order = '', , text = ''] = fields;
    await invokeAgent('triage', () => answer(order, text));
    await redis.xack('tickets', GROUP, id);
    await redis.rpush('answered', id);
  });
}
