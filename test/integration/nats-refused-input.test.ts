import type { NatsConnection, Payload, PublishOptions } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { describeNats, until } from '../nats-suite.js';
import { failed } from '../transparency/scenario.js';

/** What a program without types may pass as a payload, or as options. */
type Anything = never;

/** How a call ends: fails, at once or later, or does not. */
async function outcome(call: () => unknown): Promise<unknown> {
  let answer: unknown;
  try {
    answer = call();
  } catch (error) {
    return { threw: failed(error) };
  }
  try {
    const replies = (await answer) as AsyncIterable<unknown> | undefined;
    if (replies?.[Symbol.asyncIterator]) for await (const _ of replies);
    return 'went well';
  } catch (error) {
    return { rejected: failed(error) };
  }
}

const headersThat = (encode: () => unknown) => ({ encode, keys: () => ['A'], [Symbol.iterator]: () => [].values() });
const refuse = () => {
  throw new Error('not these');
};

const payloads: [string, unknown][] = [
  ['null', null],
  ['a number', 5],
  ['an object', { a: 1 }],
];
/** Made anew for each call: the clients write to options. */
const options: [string, () => unknown][] = [
  ['plain objects', () => ({ headers: { A: '1' } })],
  ['a Map', () => ({ headers: new Map([['A', '1']]) })],
  ['text', () => ({ headers: 'A: 1' })],
  ['what cannot be encoded', () => ({ headers: headersThat(refuse) })],
  ['what is encoded as nothing', () => ({ headers: headersThat(() => undefined) })],
];
const noOptions: [string, () => unknown][] = [
  ['null', () => null],
  ['text', () => 'abc'],
  ['a number', () => 5],
];

describeNats('What a client refuses', (suite) => {
  /** The ways to send a message, with what it is sent with. */
  const ways: Record<string, (nc: NatsConnection, payload: Payload, given: Anything) => unknown> = {
    publish: (nc, payload, given) => nc.publish('refused.by.all', payload, given),
    request: (nc, payload, given) => nc.request('refused.by.all', payload, given),
    requestMany: (nc, payload, given) => nc.requestMany('refused.by.all', payload, given),
  };
  const compare = async (call: (nc: NatsConnection) => unknown): Promise<unknown> => {
    const theirs = await outcome(() => call(suite.raw));
    expect(await outcome(() => call(suite.nc))).toEqual(theirs);
    return theirs;
  };

  it.each(payloads)('is refused in its words: %s as a payload', async (_, payload) => {
    for (const [name, send] of Object.entries(ways)) {
      expect(await compare((nc) => send(nc, payload as Payload, undefined as Anything)), name).not.toBe('went well');
    }
    const data = payload as Payload;
    expect(await compare((nc) => nc.publishMessage({ subject: 'refused', data } as Anything))).not.toBe('went well');
    expect(await compare((nc) => suite.generation.jetstream(nc).publish('refused', data))).not.toBe('went well');
  });

  it.each(options)('is refused in its words: %s as headers', async (_, make) => {
    for (const [name, send] of Object.entries(ways)) {
      expect(await compare((nc) => send(nc, 'x', make() as Anything)), name).not.toBe('went well');
    }
  });

  it.each(noOptions)('is refused in its words: %s as options', async (_, make) => {
    for (const send of Object.values(ways)) await compare((nc) => send(nc, 'x', make() as Anything));
  });

  it('is refused in its words: options that cannot be read', async () => {
    const given = Object.defineProperty({}, 'headers', { enumerable: true, get: refuse });
    expect(await compare((nc) => ways.publish!(nc, 'x', given as Anything))).not.toBe('went well');
  });

  it('is a failure of its span', async () => {
    await outcome(() => suite.nc.request('refused.span', null as Anything));
    const { attributes } = await suite.span('request refused.span');
    expect(attributes['error.type']).toBe(suite.generation.version === 3 ? 'TypeError' : 'NatsError');
  });

  it('is not null as the options of a publish, which goes with its context', async () => {
    const got: (string | undefined)[] = [];
    suite.raw.subscribe('refused.not', { callback: (_, m) => void got.push(m.headers?.get('traceparent')) });
    await suite.raw.flush();
    suite.nc.publish('refused.not', 'x', null as unknown as PublishOptions);
    await until(() => got.length === 1);
    expect(got[0]).toMatch(/^00-/);
  });
});
