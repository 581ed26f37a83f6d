import type { Msg, RequestManyOptions } from '@nats-io/transport-node';
import type { Bench } from './scenario.js';
import { failure, roughly, seen, type Scenario } from './scenario.js';

/** Answers in many ways, by what it is asked; itself never traced. */
async function answering({ peer, generation }: Bench): Promise<void> {
  peer.subscribe('ask.*', {
    callback: (_, m) => {
      const headers = generation.headers();
      headers.set('X-Answer', 'yes');
      const how = m.subject.slice(4);
      if (how === 'text') m.respond('answer');
      if (how === 'empty') m.respond();
      if (how === 'headers') m.respond('', { headers });
      if (how === 'echo') m.respond(m.data, m.headers ? { headers: m.headers } : {});
      if (how === 'error') {
        headers.set('Nats-Service-Error', 'broken');
        headers.set('Nats-Service-Error-Code', '500');
        m.respond('', { headers });
      }
      if (how === 'three') for (const n of ['1', '2', '']) m.respond(n);
      if (how === 'ack') m.respond('{"stream":"FAKE","seq":9}');
    },
  });
  await peer.flush();
}

/** A reply; an empty one must not even have an empty header block. */
const reply = (message: Msg): unknown => [seen(message), message.headers === undefined];

async function all(replies: AsyncIterable<Msg>): Promise<unknown[]> {
  const list: unknown[] = [];
  for await (const message of replies) list.push(reply(message));
  return list;
}

/** Requests, from either side. */
export const requestScenarios: readonly Scenario[] = [
  {
    name: 'answers with text, nothing, headers, errors',
    async run(bench) {
      await answering(bench);
      for (const how of ['text', 'empty', 'headers', 'error', 'ack'])
        bench.log(reply(await bench.nc.request(`ask.${how}`, how)));
    },
  },
  {
    name: 'the user’s headers in a request, and an options object that is used again',
    async run(bench) {
      await answering(bench);
      const headers = bench.generation.headers();
      headers.set('X-Own', '1');
      const options = { timeout: 500, headers };
      for (let i = 0; i < 2; i++) bench.log(reply(await bench.nc.request('ask.echo', 'x', options)));
      bench.log(options.timeout, options.headers === headers, headers.keys());
    },
  },
  {
    name: 'requests without the shared inbox, with a reply subject of their own',
    async run(bench) {
      await answering(bench);
      bench.log(reply(await bench.nc.request('ask.text', '', { noMux: true, timeout: 500 })));
      bench.log(reply(await bench.nc.request('ask.text', '', { noMux: true, timeout: 500, reply: 'my.reply' })));
      bench.log(await failure(() => bench.nc.request('ask.silence', '', { noMux: true, timeout: 30 })));
    },
  },
  {
    name: 'requests that nobody answers, in time or at all',
    async run(bench) {
      const { nc, log } = bench;
      await answering(bench);
      log(await roughly(async () => log(await failure(() => nc.request('ask.silence', '', { timeout: 250 })))));
      log(await roughly(async () => log(await failure(() => nc.request('nobody.there', '', { timeout: 2000 })))));
    },
  },
  {
    name: 'many answers: a number of them, until an empty one, until a time',
    async run(bench) {
      await answering(bench);
      const sentinel = bench.generation.version === 3 ? 'sentinel' : 'sentinelMsg';
      for (const options of [
        { strategy: 'count', maxMessages: 2, maxWait: 1000 },
        { strategy: sentinel, maxWait: 1000 },
        { strategy: 'timer', maxWait: 150 },
        { strategy: 'count', maxMessages: 3, maxWait: 1000, noMux: true },
      ]) {
        const ask = async () =>
          bench.log(await all(await bench.nc.requestMany('ask.three', '', options as RequestManyOptions)));
        bench.log(await roughly(ask));
      }
    },
  },
  {
    name: 'many answers that do not come, and a reader that leaves early',
    async run(bench) {
      await answering(bench);
      const options = (): RequestManyOptions => ({ strategy: 'timer', maxWait: 100 });
      bench.log(await failure(async () => all(await bench.nc.requestMany('nobody.there', '', options()))));
      bench.log(await all(await bench.nc.requestMany('ask.silence', '', options())));
      for await (const message of await bench.nc.requestMany('ask.three', '', options())) {
        bench.log(message.string());
        break;
      }
    },
  },
  {
    name: 'answering another program: text, nothing, headers, twice, later',
    async run({ nc, peer, log, generation }) {
      nc.subscribe('ask.*', {
        callback: (_, m) => {
          log(seen(m));
          const headers = generation.headers();
          headers.set('X-Answer', 'yes');
          if (m.subject === 'ask.text') log(m.respond('answer'));
          if (m.subject === 'ask.empty') log(m.respond());
          if (m.subject === 'ask.headers') log(m.respond('', { headers }));
          if (m.subject === 'ask.twice') log(m.respond('1'), m.respond('2'));
          if (m.subject === 'ask.later') setTimeout(() => m.respond('later'), 20);
        },
      });
      await nc.flush();
      for (const how of ['text', 'empty', 'headers', 'twice', 'later']) log(reply(await peer.request(`ask.${how}`)));
      log(
        await all(
          await peer.requestMany('ask.twice', '', {
            strategy: 'count',
            maxMessages: 2,
            maxWait: 500,
          }),
        ),
      );
      nc.subscribe('one.way', { callback: (_, m) => log(m.respond('nobody waits')) });
      await nc.flush();
      peer.publish('one.way');
      await peer.flush();
      await nc.flush();
    },
  },
  {
    name: 'a service: answers, errors, counts, and its own protocol',
    async run({ nc, peer, log, generation }) {
      const service = await generation.services(nc).add({ name: 'sums', version: '1.0.0', description: 'd' });
      service.addGroup('v1').addEndpoint('ok', (_, m) => void m.respond('ok'));
      service.addEndpoint('refuses', (_, m) => void m.respondError(400, 'refused', 'why'));
      service.addEndpoint('throws', () => {
        throw new Error('broken');
      });
      await nc.flush();
      for (const subject of ['v1.ok', 'refuses', 'throws', 'v1.ok']) log(reply(await peer.request(subject, 'x')));
      const { endpoints } = await service.stats();
      log(endpoints!.map(({ name, subject, num_requests, num_errors }) => [name, subject, num_requests, num_errors]));
      log(service.info().endpoints, (await peer.request('$SRV.PING.sums')).json<{ name: string }>().name);
      log(await service.stop(), service.isStopped);
    },
  },
];
