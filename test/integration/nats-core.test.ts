import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { connect, headers, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { consume, contextOf, traceNats } from '../../adapters/nats/index.js';
import { createTracing, type Tracing } from '../../src/index.js';
import type { SpanbusSpan } from '../../src/trace/span.js';
import { startNats } from '../servers/nats.js';
import type { LocalServer } from '../servers/local-server.js';
import { MemorySink } from '../unit/support.js';

let server: LocalServer;
let tracing: Tracing;
let raw: NatsConnection;
let nc: NatsConnection;
const sink = new MemorySink();

beforeAll(async () => {
  server = await startNats();
  tracing = createTracing({ service: 'nats-test', sink }).register();
  raw = await connect({ servers: server.url });
  nc = traceNats(await connect({ servers: server.url }));
});
afterEach(async () => {
  await tracing.forceFlush();
  sink.batches.length = 0;
});
afterAll(async () => {
  await raw?.close();
  await nc?.close();
  await tracing?.shutdown();
  await server?.stop();
});

/** The spans so far, by name. */
async function spans(): Promise<Record<string, SpanbusSpan>> {
  await tracing.forceFlush();
  return Object.fromEntries(sink.spans.map((span) => [span.name, span]));
}

const text = (data: Uint8Array | undefined): string => Buffer.from(data ?? []).toString();

describe('NATS core', () => {
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
    await expect(nc.request('silent', '', { timeout: 30 })).rejects.toMatchObject({ name: 'TimeoutError' });
    expect((await spans())['request silent']!.attributes['error.type']).toBe('timeout');
  });

  it('throws what the client throws, and marks the span', async () => {
    expect(() => nc.publish('has space', '')).toThrow(/subject/);
    const span = Object.values(await spans())[0]!;
    expect(span.attributes['error.type']).toBe('InvalidSubjectError');
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
});

describe('a server that is killed under a running request', () => {
  it('looks to the user as it would without us, and is an error in the trace', async () => {
    const mortal = await startNats();
    const options = { servers: mortal.url, reconnect: false };
    const [plain, traced] = [await connect(options), traceNats(await connect(options))];
    const responder = await connect(options);
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
