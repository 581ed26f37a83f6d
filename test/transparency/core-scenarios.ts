import type { Msg, RequestOptions } from '@nats-io/transport-node';
import { sleep, until } from '../nats-suite.js';
import { failed, failure, headersOf, roughly, seen, type Scenario } from './scenario.js';

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** Publishing, subscribing and their ends. */
export const coreScenarios: readonly Scenario[] = [
  {
    name: 'strings, bytes, binary and nothing as payloads, to a subscriber of another program',
    async run({ nc, peer, log }) {
      peer.subscribe('s', { callback: (_, m) => log(seen(m)) });
      await peer.flush();
      nc.publish('s', 'text, ünïcödé');
      nc.publish('s', bytes('bytes'));
      nc.publish('s', Uint8Array.of(0, 13, 10, 255));
      nc.publish('s', '');
      nc.publish('s');
      await nc.flush();
      await peer.flush();
    },
  },
  {
    name: 'messages of another program, whose headers may look like ours',
    async run({ nc, peer, log, generation }) {
      nc.subscribe('s', { callback: (_, m) => log(seen(m)) });
      await nc.flush();
      const headers = generation.headers();
      headers.set('traceparent', 'not one');
      headers.append('X-A', '1');
      headers.append('X-A', '2');
      peer.publish('s', 'a', { headers });
      peer.publish('s', 'b');
      peer.publish('s', '', { headers: generation.headers() });
      peer.publish('s', 'c', { reply: 'somewhere' });
      await peer.flush();
      await nc.flush();
    },
  },
  {
    name: 'the user’s headers: many values, odd spelling, a status, empty ones',
    async run({ nc, peer, log, generation }) {
      peer.subscribe('s', { callback: (_, m) => log(seen(m)) });
      await peer.flush();
      const headers = generation.headers();
      headers.append('x-lower', 'a');
      headers.append('X-Many', '1');
      headers.append('X-Many', '2');
      headers.append('Empty', '');
      nc.publish('s', 'x', { headers });
      nc.publish('s', 'x', { headers: generation.headers(409, 'Own Status') });
      nc.publish('s', 'x', { headers: generation.headers() });
      log(headersOf(headers));
      await nc.flush();
      await peer.flush();
    },
  },
  {
    name: 'order over subjects and connections',
    async run({ nc, peer, log }) {
      const order: string[] = [];
      nc.subscribe('s.*', { callback: (_, m) => void order.push(m.string()) });
      await nc.flush();
      for (let i = 0; i < 500; i++) nc.publish(`s.${i % 7}`, String(i));
      await nc.flush();
      for (let i = 500; i < 1000; i++) peer.publish(`s.${i % 7}`, String(i));
      await peer.flush();
      await until(() => order.length === 1000);
      log(order);
    },
  },
  {
    name: 'wildcards, queue groups and overlapping subscriptions',
    async run({ nc, log }) {
      const counts: Record<string, number> = {};
      const count = (key: string) => () => void (counts[key] = (counts[key] ?? 0) + 1);
      nc.subscribe('w.*.x', { callback: count('star') });
      nc.subscribe('w.>', { callback: count('rest') });
      nc.subscribe('w.a.x', { callback: count('literal') });
      for (let i = 0; i < 3; i++) nc.subscribe('w.a.x', { queue: 'q', callback: count('group') });
      for (const s of ['w.a.x', 'w.b.x', 'w.a.b.c']) nc.publish(s, '');
      await nc.flush();
      log(counts);
    },
  },
  {
    name: 'max, and what the subscription says of itself',
    async run({ nc, log }) {
      let count = 0;
      const sub = nc.subscribe('s', { max: 3, callback: () => void count++ });
      for (let i = 0; i < 5; i++) nc.publish('s', '');
      await nc.flush();
      log(
        count,
        sub.getSubject(),
        sub.getMax(),
        sub.getReceived(),
        sub.getProcessed(),
        sub.getPending(),
        sub.isClosed(),
      );
    },
  },
  {
    name: 'unsubscribe after a number of messages',
    async run({ nc, log }) {
      let count = 0;
      const sub = nc.subscribe('s', { callback: () => void count++ });
      sub.unsubscribe(2);
      for (let i = 0; i < 4; i++) nc.publish('s', '');
      await nc.flush();
      log(count, sub.isClosed(), sub.isDraining());
      await sub.closed;
    },
  },
  {
    name: 'a subscription’s timeout',
    async run({ nc, log }) {
      const error = await new Promise<unknown>((resolve) => {
        nc.subscribe('silence', { timeout: 30, callback: (e) => resolve(e) });
      });
      log(failed(error));
      const sub = nc.subscribe('silence', { timeout: 30 });
      log(
        await failure(async () => {
          for await (const m of sub) log(seen(m));
        }),
      );
    },
  },
  {
    name: 'draining a subscription and a connection, and using them afterwards',
    async run({ open, log }) {
      const nc = await open();
      let count = 0;
      const sub = nc.subscribe('s', { callback: () => void count++ });
      for (let i = 0; i < 10; i++) nc.publish('s', '');
      await sub.drain();
      log(count, sub.isClosed(), await failure(() => sub.drain()));
      const draining = nc.drain();
      log(nc.isDraining(), await failure(() => nc.subscribe('t')), await failure(() => nc.drain()));
      await draining;
      log(nc.isClosed(), await failure(() => nc.publish('s')), await failure(() => nc.request('s')));
      log(await failure(() => nc.flush()), await failure(() => nc.requestMany('s')));
    },
  },
  {
    name: 'a loop over messages, its counts and its end',
    async run({ nc, log }) {
      const sub = nc.subscribe('s', { max: 4 });
      for (let i = 0; i < 6; i++) nc.publish('s', String(i));
      await nc.flush();
      log(sub.getPending(), sub.getProcessed());
      for await (const m of sub) log(m.string(), sub.getPending(), sub.getProcessed());
      log(sub.isClosed(), await failure(() => sub[Symbol.asyncIterator]().next()));
    },
  },
  {
    name: 'a loop that is left by break, and one by a throw',
    async run({ nc, log }) {
      for (const how of ['break', 'throw']) {
        const sub = nc.subscribe('s');
        for (let i = 0; i < 3; i++) nc.publish('s', String(i));
        log(
          await failure(async () => {
            for await (const m of sub) {
              log(m.string());
              if (how === 'break') break;
              throw new Error('left');
            }
          }),
          sub.isClosed(),
        );
      }
    },
  },
  {
    name: 'an iterator that is asked twice at once',
    async run({ nc, log }) {
      const sub = nc.subscribe('s');
      const iterator = sub[Symbol.asyncIterator]();
      const both = Promise.all([iterator.next(), iterator.next()]);
      nc.publish('s', '1');
      nc.publish('s', '2');
      log((await both).map((r) => (r.value as Msg).string()));
      log(await iterator.return?.(), sub.isClosed(), await iterator.next());
    },
  },
  {
    name: 'the receiver and the arguments of a callback',
    async run({ nc, log }) {
      await new Promise<void>((resolve) => {
        const sub = nc.subscribe('s', {
          callback: function (this: unknown, ...args: unknown[]) {
            log(this === sub, args.length, args[0]);
            resolve();
          },
        });
        nc.publish('s');
      });
      log(
        await failure(async () => {
          for await (const _ of nc.subscribe('s', { callback: () => {} }));
        }),
      );
    },
  },
  {
    name: 'callbacks that return values and promises',
    async run({ nc, log }) {
      const order: string[] = [];
      nc.subscribe('s', {
        callback: (async (_: unknown, m: Msg) => {
          order.push(`${m.string()} begins`);
          await sleep(5);
          order.push(`${m.string()} ends`);
        }) as never,
      });
      nc.publish('s', '1');
      nc.publish('s', '2');
      await nc.flush();
      await until(() => order.length === 4);
      log(order);
    },
  },
  {
    name: 'whole messages, sent and answered',
    async run({ nc, peer, log, generation }) {
      peer.subscribe('whole', { callback: (_, m) => log(seen(m)) });
      peer.subscribe('back', { callback: (_, m) => log(seen(m)) });
      await peer.flush();
      const headers = generation.headers();
      headers.set('a', 'b');
      const message = { subject: 'whole', reply: 'back', data: bytes('x'), headers } as Msg;
      nc.publishMessage(message);
      log(nc.respondMessage(message), nc.respondMessage({ subject: 'x', data: bytes('') } as unknown as Msg));
      await nc.flush();
      await peer.flush();
    },
  },
  {
    name: 'wrong arguments',
    async run({ nc, log }) {
      const wrong = { timeout: -1 } as RequestOptions;
      log(await failure(() => nc.publish('s', 7 as unknown as string)));
      log(await failure(() => nc.publish('')));
      log(await failure(() => nc.publish(undefined as unknown as string)));
      log(await failure(() => nc.subscribe('')));
      log(await failure(() => nc.request('')));
      log(await failure(() => nc.request('s', '', wrong)));
      log(await failure(() => nc.request('s', '', { timeout: 50, reply: 'own' })));
      log(await failure(() => nc.requestMany('s', '', { maxWait: -1 })));
      log(await failure(() => nc.publish('s', new Uint8Array((nc.info?.max_payload ?? 0) + 1))));
    },
  },
  {
    name: 'how many messages a connection counts',
    async run({ open, log }) {
      const nc = await open();
      nc.subscribe('counted', { callback: (_, m) => void m.respond('x') });
      nc.publish('counted', 'payload');
      await nc.request('counted', 'payload');
      await nc.flush();
      const { inMsgs, outMsgs } = nc.stats();
      log(inMsgs, outMsgs, await roughly(() => nc.flush()));
      await nc.close();
    },
  },
];
