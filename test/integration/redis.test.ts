import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import {
  consume,
  consumeBatch,
  contextOf,
  decodeEnvelope,
  redisRpc,
  traceRedis,
  type StreamEntry,
} from '../../adapters/redis/index.js';
import { createTracing, type Tracing } from '../../src/index.js';
import type { SpanbusSpan } from '../../src/trace/span.js';
import type { LocalServer } from '../servers/local-server.js';
import { startRedis } from '../servers/redis.js';
import { MemorySink } from '../unit/support.js';

let server: LocalServer;
let tracing: Tracing;
let raw: Redis;
let redis: Redis;
let sub: Redis;
const sink = new MemorySink();

beforeAll(async () => {
  server = await startRedis();
  tracing = createTracing({ service: 'redis-test', sink }).register();
  raw = new Redis(server.url);
  redis = traceRedis(new Redis(server.url), { wrap: true });
  sub = redis.duplicate();
});
afterEach(async () => {
  await tracing.forceFlush();
  sink.batches.length = 0;
  sub.removeAllListeners('message');
  await raw.flushall();
});
afterAll(async () => {
  for (const client of [raw, redis, sub]) client?.disconnect();
  await tracing?.shutdown();
  await server?.stop();
});

async function named(name: string): Promise<SpanbusSpan[]> {
  await tracing.forceFlush();
  return sink.spans.filter((span) => span.name === name);
}

async function one(name: string): Promise<SpanbusSpan> {
  const spans = await named(name);
  expect(spans, name).toHaveLength(1);
  return spans[0]!;
}

/** Resolves with the next message. */
const next = (client: Redis): Promise<string> =>
  new Promise((resolve) => client.once('message', (_, message) => resolve(message)));

describe('a fleet that is moved one side first', () => {
  const reader = (wrapped: boolean): Redis => (wrapped ? traceRedis(new Redis(server.url)) : new Redis(server.url));

  it.each([
    ['plain', 'plain', false, false],
    ['plain', 'traced', false, true],
    ['traced, not writing yet,', 'plain', true, false],
    ['traced, not writing yet,', 'traced', true, true],
  ])('loses nothing from a %s publisher to a %s subscriber', async (_, _to, publisher, subscriber) => {
    const [from, to] = [reader(publisher), reader(subscriber)];
    await to.subscribe('fleet');
    const got: string[] = [];
    to.on('message', (_channel, message) => got.push(message));
    for (let i = 0; i < 10; i++) await from.publish('fleet', String(i));
    await sleep(30);
    expect(got).toEqual(Array.from({ length: 10 }, (_v, i) => String(i)));
    from.disconnect();
    to.disconnect();
  });

  it('joins traces as soon as publishers write, whatever else is on the connection', async () => {
    await sub.subscribe('ready');
    const message = next(sub);
    await redis.publish('ready', 'x');
    expect(await message).toBe('x');
    const publish = await one('publish ready');
    expect((await one('process ready')).parentSpanId).toBe(publish.spanId);
  });

  it('writes only where it was told to', async () => {
    const some = traceRedis(new Redis(server.url), { wrap: { channels: ['agents:*', /^jobs$/], streams: ['s'] } });
    const seen: [string, boolean][] = [];
    const plain = new Redis(server.url);
    await plain.subscribe('agents:1', 'jobs', 'other');
    plain.on('messageBuffer', (channel, message) => seen.push([channel.toString(), !!decodeEnvelope(message)]));
    for (const channel of ['agents:1', 'jobs', 'other']) await some.publish(channel, 'x');
    await some.xadd('s', '*', 'f', 'v');
    await some.xadd('t', '*', 'f', 'v');
    await some.lpush('agents:1', 'v');
    await sleep(30);
    expect(seen).toEqual([
      ['agents:1', true],
      ['jobs', true],
      ['other', false],
    ]);
    expect((await raw.xrange('s', '-', '+'))[0]![1]).toContain('traceparent');
    expect((await raw.xrange('t', '-', '+'))[0]![1]).toEqual(['f', 'v']);
    expect(await raw.lpop('agents:1')).toBe('v');
    plain.disconnect();
    some.disconnect();
  });
});

describe('pipelines', () => {
  it('belong to the span in which a command was queued, not to the one that runs them', async () => {
    const [a, b] = ['a', 'b'].map((name) => tracing.tracer.startSpan(name));
    const pipeline = redis.pipeline();
    context.with(trace.setSpan(context.active(), a!), () => pipeline.publish('of-a', 'x'));
    context.with(trace.setSpan(context.active(), b!), () => pipeline.publish('of-b', 'x'));
    await pipeline.exec();
    const auto = traceRedis(new Redis({ port: server.port, enableAutoPipelining: true }));
    const both = [a!, b!].map((span, i) =>
      context.with(trace.setSpan(context.active(), span), () => auto.publish(`auto-${i}`, 'x')),
    );
    await Promise.all(both);
    for (const [name, parent] of [
      ['publish of-a', a],
      ['publish of-b', b],
      ['publish auto-0', a],
      ['publish auto-1', b],
    ] as const) {
      expect((await one(name)).parentSpanId).toBe(parent!.spanContext().spanId);
    }
    auto.disconnect();
  });
});

describe('streams', () => {
  it('handle each entry in its own span, a child of its sender', async () => {
    await redis.xgroup('CREATE', 'jobs', 'workers', '$', 'MKSTREAM');
    const id = await redis.xadd('jobs', '*', 'task', '1');
    const reply = await redis.xreadgroup('GROUP', 'workers', 'w', 'STREAMS', 'jobs', '>');
    const entry = (reply as [string, StreamEntry[]][])[0]![1][0]!;
    expect(trace.getSpanContext(contextOf(entry))?.spanId).toBe((await one('publish jobs')).spanId);
    const count = await consume(reply, async ([, fields]) => {
      expect(fields).toEqual(['task', '1']);
      await redis.xack('jobs', 'workers', id!);
    });
    expect(count).toBe(1);
    const publish = await one('publish jobs');
    const process = await one('process jobs');
    expect(publish.attributes['messaging.message.id']).toBe(id);
    expect(process).toMatchObject({ kind: SpanKind.CONSUMER, parentSpanId: publish.spanId });
    expect(process.attributes).toMatchObject({
      'messaging.message.id': id,
      'messaging.consumer.group.name': 'workers',
      'messaging.operation.type': 'process',
    });
    expect(await one('settle jobs')).toMatchObject({ kind: SpanKind.CLIENT, parentSpanId: process.spanId });
  });

  it('show how often a claimed entry was delivered', async () => {
    await redis.xgroup('CREATE', 'jobs', 'workers', '$', 'MKSTREAM');
    await redis.xadd('jobs', '*', 'task', '1');
    await redis.xreadgroup('GROUP', 'workers', 'dead', 'STREAMS', 'jobs', '>');
    await consume(redis.xautoclaim('jobs', 'workers', 'alive', 0, '0'), async ([id]) => {
      await redis.xack('jobs', 'workers', id);
    });
    await sleep(30);
    expect((await one('process jobs')).attributes['messaging.redis.message.delivery_count']).toBe(2);
  });

  it('link a batch to all its senders', async () => {
    for (let i = 0; i < 3; i++) await redis.xadd('jobs', '*', 'task', String(i));
    const sizes = await consumeBatch(redis.xread('STREAMS', 'jobs', '0'), (entries: StreamEntry[]) => entries.length);
    expect(sizes).toBe(3);
    const publishes = await named('publish jobs');
    const process = await one('process jobs');
    expect(process.links.map((link) => link.context.spanId)).toEqual(publishes.map((span) => span.spanId));
    expect(process.attributes['messaging.batch.message_count']).toBe(3);
  });

  it('link an entry that is handled inside another span', async () => {
    await redis.xadd('jobs', '*', 'task', '1');
    const publish = await one('publish jobs');
    const loop = tracing.tracer.startSpan('loop');
    await context.with(trace.setSpan(context.active(), loop), () =>
      consume(redis.xread('STREAMS', 'jobs', '0'), () => {}),
    );
    loop.end();
    const process = await one('process jobs');
    expect(process.parentSpanId).toBe(loop.spanContext().spanId);
    expect(process.links.map((link) => link.context.spanId)).toEqual([publish.spanId]);
  });

  it('fail the span of an entry whose handler throws, and stop there', async () => {
    for (let i = 0; i < 3; i++) await redis.xadd('jobs', '*', 'task', String(i));
    const handled: string[] = [];
    const consumed = consume(redis.xread('STREAMS', 'jobs', '0'), ([, fields]) => {
      handled.push(fields[1]!);
      if (fields[1] === '1') throw new RangeError('bad task');
    });
    await expect(consumed).rejects.toThrow('bad task');
    expect(handled).toEqual(['0', '1']);
    const failed = (await named('process jobs')).filter((span) => span.status.code === SpanStatusCode.ERROR);
    expect(failed.map((span) => span.attributes['error.type'])).toEqual(['RangeError']);
  });
});

describe('waiting', () => {
  it('is in no span: not for a list, not for a stream', async () => {
    const [popper, reader] = [sub.duplicate(), sub.duplicate()];
    const popping = consume(popper.blpop('queue', 5), (value: string) => expect(value).toBe('x'));
    const reading = consume(reader.xread('BLOCK', 5000, 'STREAMS', 'stream', '$'), () => {});
    await sleep(150);
    await redis.rpush('queue', 'x');
    await redis.xadd('stream', '*', 'f', 'v');
    await Promise.all([popping, reading]);
    popper.disconnect();
    reader.disconnect();
    await tracing.forceFlush();
    for (const span of sink.spans) expect(span.endTime - span.startTime, span.name).toBeLessThan(140e6);
    expect((await one('process queue')).parentSpanId).toBe((await one('publish queue')).spanId);
  });

  it('keeps a subscriber’s connection a subscriber’s', async () => {
    const clients = async (): Promise<number> => ((await raw.client('LIST')) as string).trim().split('\n').length;
    const before = await clients();
    const [plain, own] = [
      new Redis({ port: server.port, protocol: 2 }),
      traceRedis(new Redis({ port: server.port, protocol: 2 })),
    ];
    await Promise.all([plain.subscribe('only'), own.subscribe('only')]);
    expect([plain.mode, own.mode]).toEqual(['subscriber', 'subscriber']);
    expect(await clients()).toBe(before + 2);
    plain.disconnect();
    own.disconnect();
  });
});

describe('failures and names', () => {
  it('name an error as the server does', async () => {
    await redis.set('text', 'x');
    await expect(redis.xadd('text', '*', 'f', 'v')).rejects.toThrow('WRONGTYPE');
    const span = await one('publish text');
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes['error.type']).toBe('WRONGTYPE');
  });

  it('put templates for ids, and leave the plumbing alone', async () => {
    await redis.publish('agents:4711:ask', '');
    await redis.publish('agents:{3f0c7c7e-94a5-4f2b-8d1f-5b6f1c6f0001}:ask', '');
    await redis.publish('spanbus:keep', '');
    const spans = await named('publish agents:{id}:ask');
    expect(spans.map((span) => span.attributes['messaging.destination.template'])).toEqual(
      Array(2).fill('agents:{id}:ask'),
    );
    expect(await named('publish spanbus:keep')).toEqual([]);
  });

  it('is the same type, and wrapping twice is wrapping once', () => {
    expect(redis).toBeInstanceOf(Redis);
    expect(traceRedis(redis)).toBe(redis);
    expect(redis.status).toBe('ready');
  });

  it('sends a command as it was when tracing it fails', async () => {
    const failing = traceRedis(new Redis(server.url), {
      wrap: {
        channels: () => {
          throw new Error('a mistake in the user’s own function');
        },
      },
    });
    expect(await failing.publish('a', 'x')).toBe(0);
    failing.disconnect();
  });
});

describe('requests over streams', () => {
  it('go to one responder of the group, also when it comes later, and not at all when their time is up', async () => {
    const options = { over: 'streams', group: 'g' } as const;
    const [caller, first, second] = [redisRpc(redis, options), redisRpc(redis, options), redisRpc(redis, options)];
    const starting = await first.respond('work', () => 'first');
    await starting.stop();
    const late = caller.request('work', 'x', { timeoutMs: 5000 });
    await expect(caller.request('work', 'x', { timeoutMs: 50 })).rejects.toMatchObject({ name: 'RequestTimeoutError' });
    await second.respond('work', () => 'second');
    expect(Buffer.from(await late).toString()).toBe('second');
    await sleep(50);
    expect(second.stats().expiredRequests).toBe(1);
    await Promise.all([caller.close(), first.close(), second.close()]);
  });
});
