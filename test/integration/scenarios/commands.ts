import type { Redis } from 'ioredis';
import { startRedis } from '../../servers/redis.js';
import { outcome, turn, type Scenario } from './scene.js';

/** Lists, streams, failures, and everything that is none of our business. */
export const COMMANDS: Record<string, Scenario> = {
  'lists as queues': async ({ redis, see }) => {
    see(
      await redis.rpush('l', 'a', 'b', Buffer.from([0, 193, 255]), '', 'ü', 5),
      await redis.lpush('l', ...['x', 'y']),
    );
    see(
      await redis.lrange('l', 0, -1),
      await redis.lrangeBuffer('l', 0, -1),
      await redis.lindex('l', 2),
      await redis.llen('l'),
    );
    see(
      await redis.lpop('l'),
      await redis.lpopBuffer('l'),
      await redis.rpop('l', 2),
      await redis.lpop('empty'),
      await redis.lpop('empty', 2),
    );
    see(await redis.blpop('nothing', 'l', 1), await redis.brpopBuffer('l', 1), await redis.brpop('nothing', 0.02));
    await redis.rpush('l', 'p', 'q', 'r', 's');
    see(
      await redis.lmove('l', 'm', 'LEFT', 'RIGHT'),
      await redis.blmove('l', 'm', 'LEFT', 'RIGHT', 1),
      await redis.rpoplpush('l', 'm'),
    );
    see(
      await redis.lmpop(2, 'nothing', 'm', 'LEFT', 'COUNT', 2),
      await redis.lpushx('none', 'x'),
      await redis.rpushx('m', 'x'),
    );
    see(await redis.lrange('m', 0, -1));
  },
  'a reliable queue': async ({ redis, make, see }) => {
    const worker = make();
    await redis.rpush('jobs', 'one', 'two', 'two', 'three');
    for (let i = 0; i < 4; i++) {
      const job = await worker.blmove('jobs', 'doing', 'LEFT', 'RIGHT', 1);
      see(job, await redis.lrange('doing', 0, -1), await redis.lpos('doing', job!));
      see(await redis.lrem('doing', 1, job!), await redis.llen('doing'));
    }
    await redis.rpush('other', 'x', 'y');
    for (const value of await redis.lrange('other', 0, -1))
      see(await redis.linsert('other', 'AFTER', value, 'plain'), await redis.lrem('other', 0, value));
    worker.disconnect();
  },
  streams: async ({ redis, see }) => {
    see(
      await redis.xadd('x', '1-1', 'f', 'v', 'g', 'w'),
      await redis.xadd('x', 'MAXLEN', '~', 100, 'LIMIT', 10, '1-2', 'f', 'v'),
    );
    see(
      await redis.xadd('none', 'NOMKSTREAM', '*', 'f', 'v'),
      await redis.xadd('x', 'MAXLEN', 2, '1-3', 'f', Buffer.from([0, 255])),
      await redis.xadd('x', 'MINID', '=', '1-2', '1-4', 'traceparent', 'mine'),
    );
    see(
      await outcome(redis.xadd('x', '1-1', 'f', 'v')),
      await outcome(redis.xadd('x', '*')),
      await outcome(redis.xadd('x', '*', 'f')),
      await outcome(redis.xadd('x', '*', 'a', 'b', 'c')),
    );
    see(
      await redis.xrange('x', '-', '+'),
      await redis.xrevrange('x', '+', '-', 'COUNT', 1),
      await redis.xrangeBuffer('x', '-', '+'),
      await redis.xlen('x'),
    );
    see(
      await redis.xread('STREAMS', 'x', '0'),
      await redis.xread('COUNT', 1, 'STREAMS', 'x', 'y', '0', '0'),
      await redis.xread('BLOCK', 20, 'STREAMS', 'x', '$'),
    );
  },
  'consumer groups': async ({ redis, see }) => {
    for (const id of ['1-1', '1-2', '1-3']) await redis.xadd('x', id, 'f', id);
    see(await redis.xgroup('CREATE', 'x', 'g', '0'));
    see(
      await redis.xreadgroup('GROUP', 'g', 'c', 'COUNT', 2, 'STREAMS', 'x', '>'),
      await redis.xack('x', 'g', '1-1'),
      await redis.xack('x', 'g', '9-9'),
    );
    see(
      await redis.xreadgroup('GROUP', 'g', 'c', 'STREAMS', 'x', '0'),
      await redis.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 20, 'NOACK', 'STREAMS', 'x', '>'),
    );
    see(await redis.xreadgroup('GROUP', 'g', 'c', 'BLOCK', 20, 'STREAMS', 'x', '>'));
    see(
      await redis.xautoclaim('x', 'g', 'd', 0, '0'),
      await redis.xautoclaim('x', 'g', 'd', 0, '0', 'JUSTID'),
      await redis.xclaim('x', 'g', 'e', 0, '1-2'),
      await redis.xclaim('x', 'g', 'e', 0, '1-2', 'JUSTID'),
    );
    see(await redis.xpending('x', 'g'), await outcome(redis.xreadgroup('GROUP', 'none', 'c', 'STREAMS', 'x', '>')));
  },
  'errors of the server': async ({ redis, see }) => {
    await redis.set('s', 'x');
    for (const failing of [
      redis.lpush('s', 'v'),
      redis.rpop('s'),
      redis.xadd('s', '*', 'f', 'v'),
      redis.xrange('s', '-', '+'),
      redis.call('PUBLISH', 'one'),
      redis.xack('s', 'g', '1-1'),
    ])
      see(await outcome(failing));
  },
  'subscriber mode': async ({ redis, sub, see }) => {
    await sub.subscribe('a');
    see(sub.mode, await outcome(sub.publish('a', 'x')), await outcome(sub.lpush('l', 'x')), await sub.ping());
    see(await sub.unsubscribe('a'), await outcome(sub.publish('a', 'x')), await redis.publish('a', 'x'));
  },
  'a key prefix': async ({ make, redis, see }) => {
    const prefixed = make({ keyPrefix: 'p:' });
    see(await prefixed.rpush('l', 'x'), await prefixed.xadd('x', '1-1', 'f', 'v'), await prefixed.publish('a', 'x'));
    see(await prefixed.blpop('l', 1), await prefixed.xread('STREAMS', 'x', '0'), await redis.exists('p:x', 'x'));
    prefixed.disconnect();
  },
  'scripts and raw calls': async ({ redis, sub, see, hear }) => {
    await sub.subscribe('a');
    sub.on('message', (_, message) => hear(message));
    redis.defineCommand('double', { numberOfKeys: 1, lua: 'return {KEYS[1], ARGV[1] * 2}' });
    const scripted = redis as Redis & { double(key: string, n: number): Promise<unknown> };
    see(
      await scripted.double('k', 21),
      await (redis.pipeline() as unknown as { double(k: string, n: number): { exec(): Promise<unknown> } })
        .double('k', 4)
        .exec(),
    );
    see(
      await redis.call('PUBLISH', 'a', 'x'),
      await redis.call('RPUSH', 'l', 'v'),
      await redis.call('LPOP', 'l'),
      await redis.callBuffer('LPOP', 'l'),
    );
    see(
      await redis.eval('return redis.call("LLEN", KEYS[1])', 1, 'l'),
      typeof redis.getBuiltinCommands,
      redis.options.host,
    );
    await turn();
  },
  'pipelines by themselves': async ({ make, sub, see, hear }) => {
    const auto = make({ enableAutoPipelining: true });
    await auto.ping();
    await sub.subscribe('a');
    sub.on('message', (_, message) => hear(message));
    const all = [
      auto.publish('a', '1'),
      auto.rpush('l', 'x', 'y'),
      auto.lpop('l'),
      auto.xadd('x', '1-1', 'f', 'v'),
      auto.xrange('x', '-', '+'),
    ];
    see(auto.autoPipelineQueueSize, await Promise.all(all), await outcome(auto.lpush('x', 'wrong')));
    await turn();
    auto.disconnect();
  },
  'connections that end': async ({ make, see }) => {
    const client = make({ lazyConnect: true });
    const events: string[] = [];
    for (const event of ['connect', 'ready', 'close', 'end']) client.on(event, () => events.push(event));
    see(client.status, client.isCluster);
    await client.connect();
    see(client.status, await client.rpush('l', 'x'));
    const waiting = outcome(client.blpop('never', 0));
    client.disconnect();
    see(await waiting, await outcome(client.publish('a', 'x')), await outcome(client.xadd('x', '*', 'f', 'v')));
    await turn();
    see(events, client.status);
    const offline = make({ enableOfflineQueue: false, lazyConnect: true });
    see(await outcome(offline.publish('a', 'x')));
    offline.disconnect();
  },
  'a server that is killed': async ({ see, make }) => {
    const mortal = await startRedis();
    const client = make({ port: mortal.port, retryStrategy: () => null });
    client.on('error', () => {});
    await client.ping();
    const waiting = outcome(client.brpop('never', 0));
    mortal.freeze();
    const [sent, added] = [outcome(client.publish('a', 'x')), outcome(client.xadd('x', '*', 'f', 'v'))];
    await mortal.kill();
    see(await waiting, await sent, await added, await outcome(client.publish('a', 'y')));
    await mortal.stop();
  },
  'duplicates and other methods': async ({ redis, see, make }) => {
    const other = redis.duplicate({ db: 1 });
    see(
      other.constructor.name,
      other.options.db,
      await other.rpush('l', 'x'),
      await redis.llen('l'),
      await other.blpop('l', 1),
    );
    see(
      await redis.config('GET', 'port').then((pair) => pair[0]),
      await redis.hset('h', { a: 1 }),
      await redis.hgetall('h'),
    );
    const keys: string[] = [];
    for await (const some of redis.scanStream({ count: 10 })) keys.push(...(some as string[]));
    see(keys.sort(), await other.quit(), other.status);
    const copy = make();
    see(await copy.select(1), await copy.flushdb(), await copy.quit());
  },
};
