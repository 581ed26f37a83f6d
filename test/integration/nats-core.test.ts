import { randomUUID } from 'node:crypto';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Msg, NatsConnection, RequestManyOptions } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { consume, contextOf, traceNats } from '../../adapters/nats/index.js';
import { createTracing, type Tracing } from '../../src/index.js';
import type { SpanbusSpan } from '../../src/trace/span.js';
import { generations, type Generation } from '../nats-generations.js';
import { startNats } from '../servers/nats.js';
import type { LocalServer } from '../servers/local-server.js';
import { MemorySink } from '../unit/support.js';

let server: LocalServer;
let tracing: Tracing;
const sink = new MemorySink();

beforeAll(async () => {
  server = await startNats();
  tracing = createTracing({ service: 'nats-test', sink }).register();
});
afterEach(async () => {
  await tracing.forceFlush();
  sink.batches.length = 0;
});
afterAll(async () => {
  await tracing?.shutdown();
  await server?.stop();
});

/** The spans so far, by name. */
async function spans(): Promise<Record<string, SpanbusSpan>> {
  await tracing.forceFlush();
  return Object.fromEntries(sink.spans.map((span) => [span.name, span]));
}

const text = (data: Uint8Array | undefined): string => Buffer.from(data ?? []).toString();

describe.each(generations)('NATS core, by $name', (generation) => {
  const headers: Generation['headers'] = (code, description) => generation.headers(code, description);
  let raw: NatsConnection;
  let nc: NatsConnection;

  beforeAll(async () => {
    raw = await generation.connect({ servers: server.url });
    nc = traceNats(await generation.connect({ servers: server.url }));
  });
  afterAll(async () => {
    await raw?.close();
    await nc?.close();
  });

  it('joins publisher and subscriber in one trace', async () => {
    const got = new Promise<string>((resolve) => {
      nc.subscribe('orders.new', { callback: (_, m) => resolve(m.string()) });
    });
    nc.publish('orders.new', 'hello');
    expect(await got).toBe('hello');
    const { 'publish orders.new': publish, 'process orders.new': process } = await spans();
    expect(publish).toMatchObject({ kind: SpanKind.PRODUCER, parentSpanId: '' });
    expect(process).toMatchObject({ kind: SpanKind.CONSUMER, traceId: publish!.traceId });
    expect(process!.parentSpanId).toBe(publish!.spanId);
    expect(process!.attributes).toMatchObject({
      'messaging.system': 'nats',
      'messaging.operation.type': 'process',
      'messaging.destination.name': 'orders.new',
      'server.port': server.port,
    });
  });

  it('joins caller and responder, whose span is a server', async () => {
    nc.subscribe('math.double', { callback: (_, m) => void m.respond(String(Number(m.string()) * 2)) });
    const reply = await nc.request('math.double', '21');
    expect(reply.string()).toBe('42');
    const { 'request math.double': request, 'process math.double': process } = await spans();
    expect(request!.kind).toBe(SpanKind.CLIENT);
    expect(process).toMatchObject({ kind: SpanKind.SERVER, parentSpanId: request!.spanId });
  });

  it('makes the message span the parent of what a callback does', async () => {
    const done = new Promise<void>((resolve) => {
      nc.subscribe('chain.a', { callback: () => nc.publish('chain.b', '') });
      nc.subscribe('chain.b', { callback: () => resolve() });
    });
    nc.publish('chain.a', '');
    await done;
    const all = await spans();
    expect(all['publish chain.b']!.parentSpanId).toBe(all['process chain.a']!.spanId);
    expect(all['process chain.b']!.traceId).toBe(all['publish chain.a']!.traceId);
  });

  it('carries each message’s context in consume, and by contextOf in a plain loop', async () => {
    const consumed = nc.subscribe('loop.consume', { max: 2 });
    const looped = nc.subscribe('loop.plain', { max: 2 });
    const run = consume(consumed, async (message) => {
      await Promise.resolve();
      tracing.tracer.startSpan(`consumed ${message.string()}`).end();
    });
    for (const n of [1, 2]) {
      nc.publish('loop.consume', String(n));
      nc.publish('loop.plain', String(n));
    }
    await run;
    for await (const message of looped) {
      context.with(contextOf(message), () => tracing.tracer.startSpan(`looped ${message.string()}`).end());
    }
    await tracing.forceFlush();
    for (const [inner, outer] of [
      ['consumed', 'process loop.consume'],
      ['looped', 'process loop.plain'],
    ] as const) {
      const processes = sink.spans.filter((s) => s.name === outer);
      expect(processes).toHaveLength(2);
      const inners = sink.spans.filter((s) => s.name.startsWith(inner));
      expect(inners.map((s) => s.parentSpanId)).toEqual(processes.map((s) => s.spanId));
    }
  });

  it('delivers to one of a queue group, whose name is on the span', async () => {
    let count = 0;
    for (let i = 0; i < 3; i++) nc.subscribe('work', { queue: 'workers', callback: () => void count++ });
    nc.publish('work', 'x');
    await nc.flush();
    expect(count).toBe(1);
    expect((await spans())['process work']!.attributes['messaging.consumer.group.name']).toBe('workers');
  });

  it('ends a span when the callback’s promise settles, and fails it when it rejects', async () => {
    const rejections: unknown[] = [];
    const onRejection = (reason: unknown): void => void rejections.push(reason);
    process.prependListener('unhandledRejection', onRejection);
    const listeners = process.listeners('unhandledRejection').filter((l) => l !== onRejection);
    for (const l of listeners) process.off('unhandledRejection', l);
    try {
      nc.subscribe('slow', {
        callback: async () => {
          await new Promise((resolve) => setTimeout(resolve, 30));
          throw new TypeError('late');
        },
      });
      nc.publish('slow', '');
      await new Promise((resolve) => setTimeout(resolve, 100));
    } finally {
      process.off('unhandledRejection', onRejection);
      for (const l of listeners) process.on('unhandledRejection', l);
    }
    // the program still learns of its own rejection
    expect(rejections).toMatchObject([{ message: 'late' }]);
    const span = (await spans())['process slow']!;
    expect(span.endTime - span.startTime).toBeGreaterThan(25e6);
    expect(span.attributes['error.type']).toBe('TypeError');
    expect(span.events[0]).toMatchObject({ name: 'exception', attributes: { 'exception.message': 'late' } });
  });

  it('keeps the user’s headers, options and payload bytes', async () => {
    const got = new Promise<Record<string, string[]>>((resolve) => {
      raw.subscribe('with.headers', {
        callback: (_, m) => resolve({ ...Object.fromEntries(m.headers!), reply: [m.reply!], data: [text(m.data)] }),
      });
    });
    await raw.flush();
    const own = headers();
    own.append('X-Many', 'a');
    own.append('X-Many', 'b');
    own.set('traceparent', 'of a message that is passed on');
    const options = { headers: own, reply: 'answers.here' };
    nc.publish('with.headers', new Uint8Array([0x68, 0x69]), options);
    const received = await got;
    expect(received).toMatchObject({ 'X-Many': ['a', 'b'], reply: ['answers.here'], data: ['hi'] });
    expect(received['traceparent']).toHaveLength(1);
    expect(received['traceparent']![0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-03$/);
    expect(own.values('traceparent')).toEqual(['of a message that is passed on']);
    expect(options).toEqual({ headers: own, reply: 'answers.here' });
  });

  it('leaves an empty reply without headers as it is', async () => {
    nc.subscribe('empty.reply', { callback: (_, m) => void m.respond() });
    await nc.flush();
    const reply = await raw.request('empty.reply');
    expect(reply.data).toHaveLength(0);
    expect(reply.headers).toBeUndefined();
  });

  it.each([
    ['garbage', 'garbage'],
    ['version ff', `ff-${'a'.repeat(32)}-${'b'.repeat(16)}-01`],
    ['zeros', `00-${'0'.repeat(32)}-${'0'.repeat(16)}-01`],
    ['far too long', 'x'.repeat(10_000)],
  ])('starts a new trace at a traceparent that is %s', async (_, value) => {
    const subject = `hostile.${value.length}`;
    const got = new Promise<void>((resolve) => void nc.subscribe(subject, { callback: () => resolve() }));
    await nc.flush();
    const own = headers();
    own.set('traceparent', value);
    raw.publish(subject, '', { headers: own });
    await got;
    const span = sink.spans[0] ?? Object.values(await spans())[0]!;
    expect(span.parentSpanId).toBe('');
    expect(span.traceId).toMatch(/^[0-9a-f]{32}$/);
  });

  it('reads trace headers in any case, from publishers that are not ours', async () => {
    const got = new Promise<void>((resolve) => void nc.subscribe('other.case', { callback: () => resolve() }));
    await nc.flush();
    const own = headers();
    own.set('TraceParent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`);
    raw.publish('other.case', '', { headers: own });
    await got;
    expect((await spans())['process other.case']).toMatchObject({
      traceId: 'a'.repeat(32),
      parentSpanId: 'b'.repeat(16),
    });
  });

  it('says nobody listens', async () => {
    const theirs: unknown = await raw.request('ghost').catch((e: unknown) => e);
    const ours: unknown = await nc.request('ghost').catch((e: unknown) => e);
    expect(ours).toMatchObject({ name: (theirs as Error).name, message: (theirs as Error).message });
    const span = (await spans())['request ghost']!;
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.attributes['error.type']).toBe('no_responders');
  });

  it('says that a reply did not come in time', async () => {
    nc.subscribe('silent', { callback: () => {} });
    await expect(nc.request('silent', '', { timeout: 30 })).rejects.toThrow(/^timeout$/i);
    expect((await spans())['request silent']!.attributes['error.type']).toBe('timeout');
  });

  it('throws what the client throws, and marks the span', async () => {
    const payload = { not: 'a payload' } as unknown as string;
    const thrownBy = (connection: NatsConnection): unknown => {
      try {
        return connection.publish('bad.payload', payload);
      } catch (error) {
        return error;
      }
    };
    expect(thrownBy(nc)).toEqual(thrownBy(raw));
    const span = (await spans())['publish bad.payload']!;
    expect(span.status.code).toBe(SpanStatusCode.ERROR);
    expect(span.events[0]!.name).toBe('exception');
  });

  it('names a subject with an id in it by its template', async () => {
    nc.publish('agents.3f0c7c7e-94a5-4f2b-8d1f-5b6f1c6f0001.ask', '');
    nc.publish('agents.4711.ask', '');
    nc.publish('agents.alice.ask', '');
    expect(Object.keys(await spans()).sort()).toEqual(['publish agents.alice.ask', 'publish agents.{id}.ask']);
  });

  it('is the same type, with every other method of the connection', async () => {
    expect(Object.getPrototypeOf(nc)).toBe(Object.getPrototypeOf(raw));
    expect(nc.getServer()).toBe(raw.getServer());
    expect(nc.isClosed()).toBe(false);
    expect(await nc.rtt()).toBeGreaterThanOrEqual(0);
    expect(nc.stats().outMsgs).toBeGreaterThan(0);
    expect(trace.getActiveSpan()).toBeUndefined();
  });

  it('publishes and answers whole messages, headers and all', async () => {
    const own = headers();
    own.set('x-kind', 'whole');
    const got = new Promise<Msg>((resolve) => {
      nc.subscribe('whole', { callback: (_, m) => resolve(m) });
    });
    nc.publishMessage({ subject: 'whole', data: Buffer.from('all'), headers: own } as unknown as Msg);
    const message = await got;
    expect(message.string()).toBe('all');
    expect(message.headers?.get('x-kind')).toBe('whole');
    nc.subscribe('whole.ask', {
      callback: (_, m) => {
        const answer = { subject: '', reply: m.reply, data: Buffer.from('ok') };
        expect(nc.respondMessage(answer as unknown as Msg)).toBe(true);
        expect(nc.respondMessage({ subject: '', data: Buffer.from('') } as unknown as Msg)).toBe(false);
      },
    });
    expect((await nc.request('whole.ask')).string()).toBe('ok');
    const all = await spans();
    expect(all['process whole']!.parentSpanId).toBe(all['publish whole']!.spanId);
    expect(all['process whole.ask']!.parentSpanId).toBe(all['request whole.ask']!.spanId);
  });

  it.each([
    ['count', { strategy: 'count', maxMessages: 3, maxWait: 2000 }],
    ['timer', { strategy: 'timer', maxWait: 200 }],
    ['sentinel', { strategy: 'sentinel', maxWait: 2000 }],
  ] as const)('makes each of many replies an event, the last one the end (%s)', async (name, options) => {
    const subject = `many.${name}`;
    nc.subscribe(subject, {
      callback: (_, m) => {
        for (const answer of ['a', 'b', name === 'sentinel' ? '' : 'c']) m.respond(answer);
      },
    });
    await nc.flush();
    const started = performance.now();
    const replies: string[] = [];
    const given = { ...options } as RequestManyOptions;
    if (name === 'sentinel' && generation.version === 2) Object.assign(given, { strategy: 'sentinelMsg' });
    for await (const reply of await nc.requestMany(subject, '', given)) replies.push(reply.string());
    const took = performance.now() - started;
    expect(replies).toHaveLength(3);
    const span = (await spans())[`request ${subject}`]!;
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.events.map((e) => e.name)).toEqual(['reply', 'reply', 'reply']);
    expect(span.attributes['messaging.batch.message_count']).toBe(3);
    expect(Math.abs(span.endTime - span.events[2]!.time)).toBeLessThan(1e6);
    if (name === 'timer') expect((span.endTime - span.startTime) / 1e6).toBeLessThan(took - 50);
    expect((await spans())[`process ${subject}`]!.parentSpanId).toBe(span.spanId);
  });

  it('names every subject that a wildcard matches by itself', async () => {
    const got: string[] = [];
    nc.subscribe('wild.*.>', { callback: (_, m) => void got.push(m.subject) });
    nc.publish('wild.a.b', '');
    nc.publish('wild.4711.b.c', '');
    await nc.flush();
    expect(got).toEqual(['wild.a.b', 'wild.4711.b.c']);
    expect(Object.keys(await spans())).toEqual(expect.arrayContaining(['process wild.a.b', 'process wild.{id}.b.c']));
  });

  it('ends with max, unsubscribe and drain as the client does', async () => {
    const counts = { max: 0, unsubscribe: 0, drain: 0 };
    const max = nc.subscribe('ends.max', { max: 2, callback: () => void counts.max++ });
    const unsubscribe = nc.subscribe('ends.unsubscribe', { callback: () => void counts.unsubscribe++ });
    const drain = nc.subscribe('ends.drain', { callback: () => void counts.drain++ });
    for (let i = 0; i < 3; i++) for (const end of ['max', 'unsubscribe', 'drain']) nc.publish(`ends.${end}`, '');
    const drained = drain.drain();
    await nc.flush();
    unsubscribe.unsubscribe();
    await drained;
    nc.publish('ends.unsubscribe', '');
    nc.publish('ends.drain', '');
    await nc.flush();
    expect(counts).toEqual({ max: 2, unsubscribe: 3, drain: 3 });
    expect([max.isClosed(), unsubscribe.isClosed(), drain.isClosed()]).toEqual([true, true, true]);
    await tracing.forceFlush();
    expect(sink.spans.filter((s) => s.name === 'process ends.max')).toHaveLength(2);
  });

  it('gives a plain loop’s message a span from its arrival to the next turn', async () => {
    const sub = nc.subscribe('loop.turns', { max: 2 });
    nc.publish('loop.turns', '1');
    nc.publish('loop.turns', '2');
    for await (const message of sub)
      if (message.string() === '1') await new Promise((resolve) => setTimeout(resolve, 30));
    await tracing.forceFlush();
    const [first, second] = sink.spans.filter((s) => s.name === 'process loop.turns');
    expect(first!.endTime - first!.startTime).toBeGreaterThan(25e6);
    expect(second!.startTime).toBeGreaterThanOrEqual(first!.endTime);
    expect(second!.endTime - second!.startTime).toBeLessThan(25e6);
  });

  it('ends the span of a loop that is left in the middle of a message', async () => {
    const sub = nc.subscribe('loop.break');
    nc.publish('loop.break', '');
    for await (const _ of sub) break;
    expect(sub.isClosed()).toBe(true);
    expect((await spans())['process loop.break']).toBeDefined();
  });

  it('fails the span of a callback that throws, and lets the client have what it threw', async () => {
    let calls = 0;
    const sub = nc.subscribe('throws', {
      callback: () => {
        calls++;
        throw new RangeError('too far');
      },
    });
    const callback = (sub as unknown as { callback: (error: null, message: unknown) => void }).callback;
    expect(() => callback(null, { subject: 'throws', data: new Uint8Array() })).toThrow('too far');
    sub.unsubscribe();
    expect(calls).toBe(1);
    const span = (await spans())['process throws']!;
    expect(span.attributes['error.type']).toBe('RangeError');
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'too far' });
  });

  it('goes on after a reconnect', async () => {
    const mortal = await startNats();
    const traced = traceNats(
      await generation.connect({ servers: mortal.url, reconnectTimeWait: 50, maxReconnectAttempts: -1 }),
    );
    let count = 0;
    traced.subscribe('after.restart', { callback: () => void count++ });
    traced.publish('after.restart', '');
    await traced.flush();
    await mortal.kill();
    await mortal.restart();
    for (let i = 0; i < 100 && count < 2; i++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      traced.publish('after.restart', '');
    }
    expect(count).toBeGreaterThan(1);
    await traced.close();
    await mortal.stop();
    await tracing.forceFlush();
    const processed = sink.spans.filter((s) => s.name === 'process after.restart');
    expect(processed).toHaveLength(count);
    const publishes = new Set(sink.spans.filter((s) => s.name === 'publish after.restart').map((s) => s.spanId));
    for (const span of processed) expect(publishes).toContain(span.parentSpanId);
  });

  it('keeps one span name for 100,000 messages on subjects with ids', async () => {
    let count = 0;
    nc.subscribe('agents.*.ask', { callback: () => void count++ });
    const names = new Set<string>();
    for (let i = 0; i < 100_000; i++) {
      nc.publish(`agents.${randomUUID()}.ask`, '');
      if (i % 2_000 === 1_999) {
        await nc.flush();
        await tracing.forceFlush();
        for (const span of sink.spans) names.add(span.name);
        sink.batches.length = 0;
      }
    }
    expect(count).toBe(100_000);
    expect([...names].sort()).toEqual(['process agents.{id}.ask', 'publish agents.{id}.ask']);
  });

  it('wraps a connection once, however often it is asked to', () => {
    expect(traceNats(nc)).toBe(nc);
  });

  describe('a server that is killed under a running request', () => {
    it('looks to the user as it would without us, and is an error in the trace', async () => {
      const mortal = await startNats();
      const options = { servers: mortal.url, reconnect: false };
      const [plain, traced] = [await generation.connect(options), traceNats(await generation.connect(options))];
      const responder = await generation.connect(options);
      responder.subscribe('never', { callback: () => {} });
      await responder.flush();
      const outcomes = Promise.allSettled([
        plain.request('never', '', { timeout: 5000 }),
        traced.request('never', '', { timeout: 5000 }),
      ]);
      await traced.flush();
      await mortal.kill();
      const [theirs, ours] = (await outcomes) as PromiseRejectedResult[];
      const seen = (e: unknown) => [(e as Error).name, (e as Error).message, (e as Error).constructor.name];
      expect(ours!.status).toBe('rejected');
      expect(seen(ours!.reason)).toEqual(seen(theirs!.reason));
      const span = (await spans())['request never']!;
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes['error.type']).toBe('connection_closed');
      expect(traced.isClosed()).toBe(plain.isClosed());
      await mortal.stop();
    });
  });
});
