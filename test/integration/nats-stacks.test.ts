import type { NatsConnection, RequestOptions } from '@nats-io/transport-node';
import { afterEach, expect, it } from 'vitest';
import { describeNats } from '../nats-suite.js';

const original = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!;

afterEach(() => {
  Object.defineProperty(Error, 'stackTraceLimit', original);
  Error.prepareStackTrace = undefined as unknown as typeof Error.prepareStackTrace;
});

/** The error of a request that fails; its stack is to name this function. */
async function askAndFail(nc: NatsConnection, subject: string, options?: RequestOptions): Promise<Error> {
  try {
    await nc.request(subject, 'x', options);
  } catch (error) {
    return error as Error;
  }
  throw new Error('it did not fail');
}

const frames = (stack: string | undefined): string[] =>
  (stack ?? '').split('\n').filter((line) => /^\s+at /.test(line));
const head = (stack: string | undefined): string => (stack ?? '').split('\n')[0]!;

/** The clients' own list of requests without an answer, and what is in it. */
interface Requests {
  add: (request: { deferred: { reject: (error: Error) => void } }) => void;
  size: () => number;
}
const requestsOf = (nc: object): Requests =>
  (nc as { protocol: { muxSubscriptions: Requests } }).protocol.muxSubscriptions;

describeNats('Stacks of requests', (suite) => {
  const silence = async (): Promise<void> => {
    suite.raw.subscribe('stacks.silence', { callback: () => undefined });
    await suite.raw.flush();
  };

  it.each([
    ['nobody answers in time', 'stacks.silence', { timeout: 30 }],
    ['nobody is there', 'stacks.nobody', { timeout: 1000 }],
    ['nobody is there, without the shared inbox', 'stacks.nobody', { timeout: 30, noMux: true }],
    ['nobody answers in time, without the shared inbox', 'stacks.silence', { timeout: 30, noMux: true }],
    ['the timeout is none', 'stacks.silence', { timeout: -1 }],
    ['the options exclude each other', 'stacks.silence', { timeout: 30, reply: 'my.reply' }],
    ['the subject is none', '', { timeout: 30 }],
  ])('where %s, say where it was asked, once', async (_, subject, options) => {
    await silence();
    const theirs = await askAndFail(suite.raw, subject, { ...options });
    const ours = await askAndFail(suite.nc, subject, { ...options });
    expect(theirs.stack).toContain('askAndFail');
    expect(ours.stack!.split('askAndFail')).toHaveLength(2);
    expect(head(ours.stack)).toBe(head(theirs.stack));
    expect(Error.stackTraceLimit).toBe(original.value);
  });

  it('are in the span of one that failed', async () => {
    await silence();
    await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 });
    const { events } = await suite.span('request stacks.silence');
    expect(String(events[0]!.attributes['exception.stacktrace'])).toContain('askAndFail');
  });

  it('are as many frames as the program wants, of which none is nothing', async () => {
    await silence();
    Error.stackTraceLimit = 2;
    expect(frames((await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 })).stack)).toHaveLength(2);
    Error.stackTraceLimit = 0;
    const theirs = await askAndFail(suite.raw, 'stacks.silence', { timeout: 30 });
    expect((await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 })).stack).toBe(theirs.stack);
  });

  it('are the client’s where the program has fixed how many frames they have', async () => {
    await silence();
    Object.defineProperty(Error, 'stackTraceLimit', { value: 10, writable: false });
    const { stack } = await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 });
    expect(stack).toContain('RequestOne');
    expect(stack!.split('askAndFail')).toHaveLength(2);
  });

  it('may be other than text', async () => {
    await silence();
    Error.prepareStackTrace = (_, sites) => sites;
    const error = await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 });
    expect(error.message).toMatch(/timeout/i);
    expect(Array.isArray(error.stack)).toBe(true);
  });

  it('may fail to be made into text', async () => {
    await silence();
    Error.prepareStackTrace = () => {
      throw new Error('not this one');
    };
    const { message } = await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 });
    expect(message).toMatch(/timeout/i);
  });

  it('are not made for a request that was answered', async () => {
    suite.raw.subscribe('stacks.echo', { callback: (_, message) => void message.respond(message.data) });
    await suite.raw.flush();
    const requests = requestsOf(suite.nc);
    const add = requests.add;
    const rejections: Error[] = [];
    requests.add = (request) => {
      const { reject } = request.deferred;
      request.deferred.reject = (error) => {
        rejections.push(error);
        reject(error);
      };
      add(request);
    };
    expect((await suite.nc.request('stacks.echo', 'x')).string()).toBe('x');
    requests.add = add;
    expect(rejections.map(({ message }) => message.toLowerCase())).toEqual(['cancelled']);
    expect(frames(rejections[0]!.stack)).toEqual([]);
    expect(requests.size()).toBe(0);
    expect(frames(new Error('of now').stack)).not.toEqual([]);
  });
});
