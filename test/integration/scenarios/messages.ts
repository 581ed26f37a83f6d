import type { Redis } from 'ioredis';
import { failuresOfProgram } from '../../contract/stage.js';
import { errorOf, outcome, turn, type Scenario } from './scene.js';

/** Channels, listeners, pipelines and transactions. */
export const MESSAGES: Record<string, Scenario> = {
  'publish and message': async ({ redis, sub, see, hear }) => {
    see(await sub.subscribe('a', 'b'), await redis.publish('nobody', 'x'));
    sub.on('message', (channel, message) => hear('text', channel, message));
    sub.on('messageBuffer', (channel, message) => hear('bytes', channel, message));
    see(
      await redis.publish('a', 'grüße'),
      await redis.publish('b', Buffer.from([0, 255, 193])),
      await redis.publish('a', ''),
    );
    await turn();
  },
  'patterns, and a channel twice': async ({ redis, sub, see, hear }) => {
    see(await sub.psubscribe('a*', '*b'), await sub.subscribe('ab'));
    sub.on('pmessage', (pattern, channel, message) => hear('text', pattern, channel, message));
    sub.on('pmessageBuffer', (pattern, channel, message) => hear('bytes', pattern, channel, message));
    sub.on('message', (channel, message) => hear('plain', channel, message));
    see(await redis.publish('ab', 'x'));
    await turn();
    see(await sub.punsubscribe('a*'), await redis.publish('ab', 'y'));
    await turn();
  },
  'sharded channels': async ({ redis, sub, see, hear }) => {
    see(await sub.ssubscribe('shard'));
    sub.on('smessage', (channel, message) => hear('text', channel, message));
    sub.on('smessageBuffer', (channel, message) => hear('bytes', channel, message));
    see(await redis.spublish('shard', 'x'), await redis.publish('shard', 'not here'));
    await turn();
    see(await sub.sunsubscribe('shard'));
  },
  'listeners come and go': async ({ redis, sub, see, hear }) => {
    await sub.subscribe('a');
    const each = (_: string, message: string): void => hear('each', message);
    see(sub.on('message', each) === sub, sub.listenerCount('message'));
    sub.once('message', (_, message) => hear('once', message));
    sub.prependListener('message', (_: string, message: string) => hear('first', message));
    await redis.publish('a', '1');
    await turn();
    see(sub.listenerCount('message'), sub.listeners('message').includes(each));
    sub.off('message', each);
    await redis.publish('a', '2');
    await turn();
    sub.removeAllListeners('message');
    see(sub.listenerCount('message'), sub.eventNames().includes('message'));
    await redis.publish('a', '3');
    await turn();
    sub.on('message', function (this: Redis) {
      hear('this', this === sub);
    });
    await redis.publish('a', '4');
    await turn();
  },
  'a listener that throws': async ({ redis, sub, see, hear }) => {
    await sub.subscribe('a');
    sub.on('message', () => {
      throw new TypeError('listener');
    });
    sub.on('messageBuffer', () => hear('not reached'));
    const failures = await failuresOfProgram(async () => void (await redis.publish('a', 'x'), await turn()));
    see(failures.map(errorOf), sub.status);
  },
  'a listener that rejects': async ({ redis, sub, see, hear }) => {
    await sub.subscribe('a');
    sub.on('message', async () => {
      await Promise.resolve();
      throw new TypeError('listener');
    });
    sub.on('messageBuffer', () => hear('reached'));
    const failures = await failuresOfProgram(async () => void (await redis.publish('a', 'x'), await turn()));
    see(failures.map(errorOf));
  },
  callbacks: async ({ redis, see }) => {
    await new Promise((resolve) => void redis.publish('a', 'x', (error, count) => resolve(see(error, count))));
    await new Promise((resolve) => void redis.lpush('l', 'x', (error, count) => resolve(see(error, count))));
    await new Promise((resolve) => void redis.lpop('l', (error, value) => resolve(see(error, value))));
    await redis.set('s', 'x');
    const failures = await failuresOfProgram(async () => {
      await new Promise((resolve) => void redis.lpush('s', 'x', (error) => resolve(see(errorOf(error)))));
      await turn();
    });
    see(failures.map(errorOf));
  },
  'a failure that nobody catches': async ({ redis, see }) => {
    await redis.set('s', 'x');
    const failures = await failuresOfProgram(async () => {
      void redis.rpush('s', 'x');
      void redis.xadd('s', '*', 'f', 'v');
      await turn();
    });
    see(failures.map(errorOf));
  },
  pipelines: async ({ redis, sub, see, hear }) => {
    await sub.subscribe('a');
    sub.on('message', (_, message) => hear(message));
    const pipeline = redis.pipeline().set('s', 'x').publish('a', '1').rpush('l', 'v', 'w').lpush('s', 'wrong');
    see(pipeline.length);
    see(
      (await pipeline.lrange('l', 0, -1).xadd('x', '1-1', 'f', 'v').xrange('x', '-', '+').exec())!.map(([e, v]) => [
        e && errorOf(e),
        v,
      ]),
    );
    see(
      await redis
        .pipeline([
          ['publish', 'a', '2'],
          ['lpop', 'l'],
          ['rpopBuffer', 'l'],
        ])
        .exec(),
    );
    see(await redis.pipeline().exec());
    await turn();
  },
  transactions: async ({ redis, sub, see, hear }) => {
    await sub.subscribe('a');
    sub.on('message', (_, message) => hear(message));
    see(await redis.multi().publish('a', '1').rpush('l', 'v', 'w').lpop('l').lrange('l', 0, -1).exec());
    see(
      await redis
        .multi([
          ['rpush', 'l', 'z'],
          ['xadd', 'x', '1-1', 'f', 'v'],
          ['xrange', 'x', '-', '+'],
        ])
        .exec(),
    );
    see(
      await outcome(
        (redis.multi() as unknown as { set(key: string): ReturnType<Redis['multi']> })
          .set('s')
          .publish('a', '2')
          .exec(),
      ),
    );
    see(
      await redis.multi({ pipeline: false }),
      await redis.rpush('l', 'q'),
      await redis.lpop('l'),
      await redis.xlen('x'),
      await redis.exec(),
    );
    see(
      await redis.multi({ pipeline: false }),
      await redis.rpush('l', 'q'),
      await redis.discard(),
      await redis.llen('l'),
    );
    await turn();
  },
};
