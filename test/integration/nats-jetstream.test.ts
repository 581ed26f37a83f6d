import { context, SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { JetStreamClient, JetStreamManager, JsMsg } from '@nats-io/jetstream';
import type { JetStreamClient as Nats2JetStream } from 'nats';
import { beforeAll, beforeEach, expect, it } from 'vitest';
import { consume, contextOf } from '../../adapters/nats/index.js';
import { describeNats, sleep, until } from '../nats-suite.js';

const nanos = (ms: number): number => ms * 1e6;

describeNats('JetStream', (suite) => {
  let js: JetStreamClient;
  let manager: JetStreamManager;
  let count = 0;
  /** A subject and stream of the test's own. */
  let stream: string;
  let subject: string;

  beforeAll(async () => {
    js = suite.generation.jetstream(suite.nc);
    manager = await suite.generation.jetstreamManager(suite.raw);
  });
  beforeEach(async () => {
    stream = `S${++count}`;
    subject = `${stream.toLowerCase()}.jobs`;
    await manager.streams.add({ name: stream, subjects: [`${stream.toLowerCase()}.>`] });
  });

  const addConsumer = (config: Record<string, unknown> = {}) =>
    manager.consumers.add(stream, { durable_name: 'worker', ack_policy: 'explicit', ...config });

  it('is a publish with the ack’s stream and sequence', async () => {
    const ack = await js.publish(subject, 'one');
    expect(ack).toMatchObject({ stream, seq: 1, duplicate: false });
    expect(await suite.span(`publish ${subject}`)).toMatchObject({
      kind: SpanKind.PRODUCER,
      attributes: {
        'messaging.operation.name': 'publish',
        'messaging.nats.stream.name': stream,
        'messaging.nats.message.stream_sequence': 1,
      },
    });
    expect(await suite.spans()).toHaveLength(1);
  });

  it('says that a publish was a duplicate', async () => {
    await js.publish(subject, 'one', { msgID: 'same' });
    expect((await js.publish(subject, 'one', { msgID: 'same' })).duplicate).toBe(true);
    const [first, second] = await suite.spans(`publish ${subject}`);
    expect(first!.attributes['messaging.nats.message.duplicate']).toBeUndefined();
    expect(second!.attributes['messaging.nats.message.duplicate']).toBe(true);
  });

  it('knows a publish with the user’s headers by its ack', async () => {
    const headers = suite.generation.headers();
    headers.set('x-own', 'yes');
    await js.publish(subject, '', { headers });
    await js.publish(subject, '', { headers });
    const spans = await suite.spans();
    expect(spans.map((s) => s.name)).toEqual([`publish ${subject}`, `publish ${subject}`]);
    expect(headers.keys()).toEqual(['x-own']);
  });

  it('fails a publish that the stream refuses, by JetStream’s error code', async () => {
    await expect(js.publish(subject, '', { expect: { lastSequence: 41 } })).rejects.toThrow(/wrong last sequence/);
    const span = await suite.span(`publish ${subject}`);
    expect(span.status).toMatchObject({ code: SpanStatusCode.ERROR });
    expect(span.status.message).toMatch(/wrong last sequence/);
    expect(span.attributes['error.type']).toBe('jetstream_10071');
  });

  it('fails a publish that no stream takes', async () => {
    await expect(js.publish('nobody.stores.this', '')).rejects.toThrow();
    expect((await suite.span('publish nobody.stores.this')).attributes['error.type']).toBe('no_responders');
  });

  it('keeps a message’s trace from publish over consume to ack, with its queue time', async () => {
    await addConsumer();
    await js.publish(subject, 'work');
    await sleep(60);
    const consumer = await js.consumers.get(stream, 'worker');
    const messages = await consumer.consume();
    for await (const message of messages) {
      await sleep(20);
      message.ack();
      break;
    }
    const publish = await suite.span(`publish ${subject}`);
    const process = await suite.span(`process ${subject}`);
    const settle = await suite.span(`settle ${subject}`);
    expect(process).toMatchObject({
      kind: SpanKind.CONSUMER,
      traceId: publish.traceId,
      parentSpanId: publish.spanId,
      attributes: {
        'messaging.nats.stream.name': stream,
        'messaging.nats.consumer.name': 'worker',
        'messaging.nats.message.stream_sequence': 1,
        'messaging.nats.message.delivery_count': 1,
      },
    });
    expect(process.attributes['messaging.nats.message.queue_time_ms']).toBeGreaterThanOrEqual(50);
    expect(process.endTime - process.startTime).toBeGreaterThan(15e6);
    expect(settle).toMatchObject({
      kind: SpanKind.CLIENT,
      parentSpanId: process.spanId,
      attributes: { 'messaging.operation.name': 'ack', 'messaging.operation.type': 'settle' },
    });
  });

  it('measures each turn of a consume loop, not the wait in the client’s buffer', async () => {
    await addConsumer();
    for (let i = 0; i < 3; i++) await js.publish(subject, String(i));
    const messages = await (await js.consumers.get(stream, 'worker')).consume();
    let turns = 0;
    for await (const message of messages) {
      await sleep(30);
      message.ack();
      if (++turns === 3) break;
    }
    const spans = await suite.spans(`process ${subject}`);
    expect(spans).toHaveLength(3);
    for (const [i, span] of spans.entries()) {
      expect(span.endTime - span.startTime).toBeGreaterThan(25e6);
      expect(span.endTime - span.startTime).toBeLessThan(80e6);
      if (i > 0) expect(span.startTime).toBeGreaterThanOrEqual(spans[i - 1]!.endTime);
    }
  });

  it('makes a message’s context that of consume(messages, handler), and of contextOf in a loop', async () => {
    await addConsumer();
    for (const n of ['1', '2']) await js.publish(subject, n);
    const consumer = await js.consumers.get(stream, 'worker');
    const messages = await consumer.fetch({ max_messages: 1, expires: 1000 });
    await consume(messages, async (message: JsMsg) => {
      await sleep(1);
      suite.tracing.tracer.startSpan('in consume').end();
      message.ack();
    });
    for await (const message of await consumer.fetch({ max_messages: 1, expires: 1000 })) {
      context.with(contextOf(message), () => suite.tracing.tracer.startSpan('in loop').end());
      message.ack();
    }
    const [first, second] = await suite.spans(`process ${subject}`);
    expect((await suite.span('in consume')).parentSpanId).toBe(first!.spanId);
    expect((await suite.span('in loop')).parentSpanId).toBe(second!.spanId);
  });

  it('runs a consumer’s callback in its message’s context, whose span ends with the ack', async () => {
    await addConsumer();
    const consumer = await js.consumers.get(stream, 'worker');
    const handled = new Promise<void>((resolve) => {
      void consumer.consume({
        callback: (message) =>
          void sleep(30).then(() => {
            suite.tracing.tracer.startSpan('in callback').end();
            message.ack();
            resolve();
          }),
      });
    });
    await js.publish(subject, '');
    await handled;
    const process = await suite.span(`process ${subject}`);
    expect((await suite.span('in callback')).parentSpanId).toBe(process.spanId);
    expect(process.endTime - process.startTime).toBeGreaterThan(25e6);
  });

  it('gives a message taken by next() a span that lasts until it is settled', async () => {
    await addConsumer();
    await js.publish(subject, '');
    const consumer = await js.consumers.get(stream, 'worker');
    const message = await consumer.next({ expires: 2000 });
    await sleep(30);
    context.with(contextOf(message!), () => suite.tracing.tracer.startSpan('work').end());
    message!.ack();
    const process = await suite.span(`process ${subject}`);
    expect(process.endTime - process.startTime).toBeGreaterThan(25e6);
    expect((await suite.span('work')).parentSpanId).toBe(process.spanId);
    expect(await suite.spans(`receive ${subject}`)).toHaveLength(0);
  });

  it('links a fetched batch to the senders of its messages', async () => {
    await addConsumer();
    for (let i = 0; i < 4; i++) await js.publish(subject, '');
    const consumer = await js.consumers.get(stream, 'worker');
    for await (const message of await consumer.fetch({ max_messages: 4, expires: 1000 })) message.ack();
    const senders = await suite.spans(`publish ${subject}`);
    const batch = await suite.span(`receive ${subject}`);
    expect(batch).toMatchObject({ kind: SpanKind.CLIENT, parentSpanId: '' });
    expect(batch.attributes['messaging.batch.message_count']).toBe(4);
    expect(batch.links.map((l) => l.context.spanId)).toEqual(senders.map((s) => s.spanId));
    const processes = await suite.spans(`process ${subject}`);
    expect(processes.map((s) => s.parentSpanId)).toEqual(senders.map((s) => s.spanId));
    expect(batch.startTime).toBeLessThanOrEqual(processes[0]!.startTime);
    expect(batch.endTime).toBeGreaterThanOrEqual(processes[3]!.endTime);
  });

  it('makes nak, working and term settlements, and links redeliveries to the first', async () => {
    await addConsumer();
    await js.publish(subject, 'poison');
    const consumer = await js.consumers.get(stream, 'worker');
    let deliveries = 0;
    const messages = await consumer.consume();
    for await (const message of messages) {
      deliveries++;
      message.working();
      if (deliveries < 3) {
        message.nak(deliveries === 1 ? 20 : 0);
        continue;
      }
      message.term();
      break;
    }
    const [first, second, third] = await suite.spans(`process ${subject}`);
    const publish = await suite.span(`publish ${subject}`);
    for (const [i, span] of [first, second, third].entries()) {
      expect(span!.attributes['messaging.nats.message.delivery_count']).toBe(i + 1);
      expect(span!.parentSpanId).toBe(publish.spanId);
    }
    expect(first!.links).toHaveLength(0);
    for (const span of [second, third]) expect(span!.links.map((l) => l.context.spanId)).toEqual([first!.spanId]);
    const settles = await suite.spans(`settle ${subject}`);
    expect(settles.map((s) => s.attributes['messaging.operation.name'])).toEqual([
      'working',
      'nak',
      'working',
      'nak',
      'working',
      'term',
    ]);
    expect(settles[1]!.attributes['messaging.nats.redelivery_delay_ms']).toBe(20);
    expect(settles[0]!.parentSpanId).toBe(first!.spanId);
  });

  it('ends the settlement of a confirmed ack with its confirmation', async () => {
    await addConsumer();
    await js.publish(subject, '');
    const consumer = await js.consumers.get(stream, 'worker');
    const message = await consumer.next({ expires: 2000 });
    expect(await message!.ackAck()).toBe(true);
    await until(async () => (await suite.spans(`settle ${subject}`)).length === 1);
    expect((await manager.consumers.info(stream, 'worker')).num_ack_pending).toBe(0);
    expect(suite.raw.stats().outMsgs).toBeGreaterThan(0);
  });

  it('follows an ordered consumer, whose messages nobody acknowledges', async () => {
    for (let i = 0; i < 3; i++) await js.publish(subject, String(i));
    const consumer = await js.consumers.get(stream);
    const got: string[] = [];
    for await (const message of await consumer.consume({ max_messages: 10 })) {
      got.push(message.string());
      if (got.length === 3) break;
    }
    expect(got).toEqual(['0', '1', '2']);
    const senders = await suite.spans(`publish ${subject}`);
    const processes = await suite.spans(`process ${subject}`);
    expect(processes.map((s) => s.parentSpanId)).toEqual(senders.map((s) => s.spanId));
    expect(await suite.spans(`settle ${subject}`)).toHaveLength(0);
  });

  it('follows a push consumer, in a loop and by callback', async () => {
    await js.publish(subject, '');
    for (const by of ['loop', 'callback']) {
      await manager.consumers.add(stream, {
        durable_name: by,
        ack_policy: 'explicit',
        deliver_subject: `deliver.${stream}.${by}`,
      });
    }
    await (suite.generation.version === 3 ? pushed3() : pushed2());
    const publish = await suite.span(`publish ${subject}`);
    await until(async () => (await suite.spans(`process ${subject}`)).length === 2);
    const processes = await suite.spans(`process ${subject}`);
    for (const process of processes) {
      expect(process.parentSpanId).toBe(publish.spanId);
      expect(process.endTime - process.startTime).toBeGreaterThan(15e6);
    }
    expect(processes.map((s) => s.attributes['messaging.nats.consumer.name'])).toEqual(['loop', 'callback']);
    expect(await suite.spans(`settle ${subject}`)).toHaveLength(2);
  });

  async function pushed3(): Promise<void> {
    const loop = await (await js.consumers.getPushConsumer(stream, 'loop')).consume();
    // the message comes before the loop begins: it waits in the client's queue
    await sleep(50);
    for await (const message of loop) {
      await sleep(20);
      message.ack();
      break;
    }
    const consumer = await js.consumers.getPushConsumer(stream, 'callback');
    await new Promise<void>((resolve) => {
      void consumer.consume({
        callback: (message) =>
          void sleep(20).then(() => {
            message.ack();
            resolve();
          }),
      });
    });
  }

  async function pushed2(): Promise<void> {
    const older = js as unknown as Nats2JetStream;
    const { consumerOpts } = await import('nats');
    const options = consumerOpts().bind(stream, 'loop').manualAck();
    const loop = await older.subscribe(subject, options);
    await sleep(50);
    for await (const message of loop) {
      await sleep(20);
      message.ack();
      break;
    }
    await new Promise<void>((resolve) => {
      const byCallback = consumerOpts()
        .bind(stream, 'callback')
        .manualAck()
        .callback((_, message) => {
          void sleep(20).then(() => {
            message!.ack();
            resolve();
          });
        });
      void older.subscribe(subject, byCallback);
    });
  }

  it('leaves JetStream’s own traffic, and the stores built on it, untraced', async () => {
    await manager.streams.info(stream);
    const own = await suite.generation.jetstreamManager(suite.nc);
    await own.streams.info(stream);
    await own.consumers.add(stream, { durable_name: 'quiet', ack_policy: 'explicit', ack_wait: nanos(1000) });
    expect(await suite.spans()).toHaveLength(0);
  });

  it('publishes headers that JetStream understands beside ours', async () => {
    await js.publish(subject, 'x', { msgID: 'm1' });
    const stored = await manager.streams.getMessage(stream, { seq: 1 });
    expect(stored!.header.get('Nats-Msg-Id')).toBe('m1');
    expect(stored!.header.get('traceparent')).toMatch(/^00-/);
    await addConsumer();
    const message = await (await js.consumers.get(stream, 'worker')).next({ expires: 1000 });
    message!.ack();
    expect((await suite.span(`process ${subject}`)).attributes['messaging.message.id']).toBe('m1');
  });
});
