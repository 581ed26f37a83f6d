import { isDeepStrictEqual } from 'node:util';
import type { JsMsg } from '@nats-io/jetstream';
import { sleep, until } from '../nats-suite.js';
import { failure, headersOf, roughly, type Bench, type Scenario } from './scenario.js';

/** All of a delivered message that a consumer can look at, but for times. */
function seen(message: JsMsg): unknown {
  const { deliveryCount, streamSequence, deliverySequence, pending, redelivered, consumer, stream } = message.info;
  return {
    subject: message.subject,
    text: message.string(),
    seq: message.seq,
    headers: headersOf(message.headers),
    info: { deliveryCount, streamSequence, deliverySequence, pending, redelivered, stream },
    isNamed: consumer !== '',
    prototype: (Object.getPrototypeOf(message) as object).constructor.name,
  };
}

async function setUp({ generation, nc, peer }: Bench, config: Record<string, unknown> = {}) {
  const manager = await generation.jetstreamManager(peer);
  await manager.streams.delete('T').catch(() => false);
  await manager.streams.add({ name: 'T', subjects: ['t.>'] });
  await manager.consumers.add('T', { durable_name: 'c', ack_policy: 'explicit', ack_wait: 300e6, ...config });
  const js = generation.jetstream(nc);
  const now = async (): Promise<unknown> => {
    const { num_ack_pending, num_pending, num_redelivered, ack_floor } = await manager.consumers.info('T', 'c');
    return { num_ack_pending, num_pending, num_redelivered, floor: ack_floor.stream_seq };
  };
  // a server acts on acks when it gets to it
  const left = async (): Promise<unknown> => {
    let before = await now();
    for (;;) {
      await sleep(60);
      const after = await now();
      if (isDeepStrictEqual(before, after)) return after;
      before = after;
    }
  };
  return { js, manager, left };
}

async function publish({ peer, generation }: Bench, count: number): Promise<void> {
  const js = generation.jetstream(peer);
  for (let i = 0; i < count; i++) await js.publish('t.x', String(i));
}

/** Streams and consumers. */
export const jetStreamScenarios: readonly Scenario[] = [
  {
    name: 'publishes to a stream: acks, duplicates, expectations, refusals',
    async run(bench) {
      const { js, manager } = await setUp(bench);
      const headers = bench.generation.headers();
      headers.set('X-Own', 'yes');
      bench.log(await js.publish('t.a', 'x'), await js.publish('t.a', 'y', { headers }));
      bench.log(await js.publish('t.a', 'z', { msgID: 'id' }), await js.publish('t.a', 'z', { msgID: 'id' }));
      bench.log(await failure(() => js.publish('t.a', '', { expect: { lastSequence: 99 } })));
      bench.log(await failure(() => js.publish('no.stream', '', { timeout: 500 })));
      bench.log(headers.keys());
      for (let seq = 1; seq <= 3; seq++) {
        const stored = await manager.streams.getMessage('T', { seq });
        bench.log(stored!.string(), headersOf(stored!.header));
      }
    },
  },
  {
    name: 'a consume loop: messages, acks as they are made, the loop’s end',
    async run(bench) {
      const { js, left } = await setUp(bench);
      await publish(bench, 5);
      const messages = await (await js.consumers.get('T', 'c')).consume({ max_messages: 10 });
      let count = 0;
      for await (const message of messages) {
        bench.log(seen(message), messages.getProcessed());
        message.ack();
        await bench.nc.flush();
        bench.log(await left());
        if (++count === 5) break;
      }
    },
  },
  {
    name: 'a consumer’s callback',
    async run(bench) {
      const { js, left } = await setUp(bench);
      await publish(bench, 3);
      const consumer = await js.consumers.get('T', 'c');
      let count = 0;
      const messages = await consumer.consume({
        callback: (message) => {
          bench.log(seen(message));
          message.ack();
          count++;
        },
      });
      await until(() => count === 3);
      await bench.nc.flush();
      bench.log(await left());
      await messages.close();
    },
  },
  {
    name: 'negative acks with and without delay, work in progress, terms: redelivered when, and how often',
    async run(bench) {
      const { js, left } = await setUp(bench, { ack_wait: 800e6 });
      await publish(bench, 1);
      const consumer = await js.consumers.get('T', 'c');
      const take = async (): Promise<JsMsg> => (await consumer.next({ expires: 2000 }))!;
      let message = await take();
      message.nak(250);
      bench.log(await roughly(async () => (message = await take())), seen(message));
      message.nak();
      bench.log(await roughly(async () => (message = await take())), seen(message));
      // in progress: held for as long again
      await sleep(500);
      message.working();
      await sleep(500);
      message.working();
      bench.log(await left());
      message.term();
      await bench.nc.flush();
      bench.log(await left());
    },
  },
  {
    name: 'confirmed acks, and acks after acks',
    async run(bench) {
      const { js, left } = await setUp(bench);
      await publish(bench, 2);
      const consumer = await js.consumers.get('T', 'c');
      const first = (await consumer.next({ expires: 1000 }))!;
      bench.log(await first.ackAck(), await left(), await first.ackAck());
      first.nak();
      const second = (await consumer.next({ expires: 1000 }))!;
      second.ack();
      second.ack();
      await bench.nc.flush();
      bench.log(await left());
    },
  },
  {
    name: 'fetches: a full batch, a short one, none',
    async run(bench) {
      const { js } = await setUp(bench);
      await publish(bench, 5);
      const consumer = await js.consumers.get('T', 'c');
      for (const max_messages of [3, 5]) {
        const batch = await consumer.fetch({ max_messages, expires: 1000 });
        for await (const message of batch) {
          bench.log(seen(message));
          message.ack();
        }
        bench.log(batch.getProcessed(), batch.getReceived());
      }
      bench.log(await roughly(async () => bench.log(await consumer.next({ expires: 1000 }))));
    },
  },
  {
    name: 'an ordered consumer',
    async run(bench) {
      const { js } = await setUp(bench);
      await publish(bench, 4);
      const consumer = await js.consumers.get('T');
      let count = 0;
      for await (const message of await consumer.consume({ max_messages: 10 })) {
        bench.log(seen(message));
        if (++count === 4) break;
      }
    },
  },
];
