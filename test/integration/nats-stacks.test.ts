import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { NatsConnection, RequestOptions } from '@nats-io/transport-node';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { traceNats } from '../../adapters/nats/index.js';
import { describeNats } from '../nats-suite.js';

const original = Object.getOwnPropertyDescriptor(Error, 'stackTraceLimit')!;

const reset = (): void => {
  Object.defineProperty(Error, 'stackTraceLimit', original);
  Error.prepareStackTrace = undefined as unknown as typeof Error.prepareStackTrace;
};
beforeEach(reset);
afterEach(reset);

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
    Error.prepareStackTrace = (_, sites) => sites.map((site) => site.getFunctionName());
    const theirs = await askAndFail(suite.raw, 'stacks.silence', { timeout: 30 });
    const ours = await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 });
    expect(ours.message).toMatch(/timeout/i);
    expect(theirs.stack).toContain('askAndFail');
    expect(ours.stack).toContain('askAndFail');
  });

  it('may fail to be made into text', async () => {
    await silence();
    Error.prepareStackTrace = () => {
      throw new Error('not this one');
    };
    const { message } = await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 });
    expect(message).toMatch(/timeout/i);
  });

  it('are each request’s own where many fail at once', async () => {
    await silence();
    const ask = (nc: NatsConnection) => {
      const first = () => nc.request('stacks.silence', 'x');
      const second = () => nc.request('stacks.silence', 'x');
      return [first(), second()].map((request) => request.catch((error: Error) => error)) as Promise<Error>[];
    };
    for (const traced of [false, true]) {
      const connection = await suite.generation.connect({ servers: suite.server.url });
      const errors = ask(traced ? traceNats(connection) : connection);
      await connection.flush();
      await connection.close();
      const [one, other] = await Promise.all(errors);
      expect(one!.stack, `${traced}`).toMatch(/ at first /);
      expect(other!.stack, `${traced}`).toMatch(/ at second /);
    }
  });

  it('are kept short where very many fail at once', async () => {
    const connection = await suite.generation.connect({ servers: suite.server.url });
    const nc = traceNats(connection);
    await silence();
    const errors = Array.from({ length: 500 }, () => nc.request('stacks.silence', 'x').catch((error: Error) => error));
    await nc.flush();
    await nc.close();
    for (const error of (await Promise.all(errors)) as Error[]) expect(error.stack!.length).toBeLessThan(70_000);
  });

  it('are the client’s where the program has its own way to ask', async () => {
    const connection = await suite.generation.connect({ servers: suite.server.url });
    connection.request = function ownWay() {
      return Promise.reject(new Error('mine'));
    };
    const { stack } = await askAndFail(traceNats(connection), 'stacks.silence');
    await connection.close();
    expect(stack).toMatch(/^Error: mine\n\s+at .*ownWay/);
  });

  it('are the client’s where the program wants none of requests', async () => {
    await silence();
    const connection = await suite.generation.connect({ servers: suite.server.url, noAsyncTraces: true });
    const theirs = await askAndFail(connection, 'stacks.silence', { timeout: 30 });
    const ours = await askAndFail(traceNats(connection), 'stacks.silence', { timeout: 30 });
    await connection.close();
    expect(theirs.stack).not.toContain('askAndFail');
    expect(ours.stack).not.toContain('askAndFail');
  });

  it('leave a program alone that watches how many frames they have', async () => {
    suite.raw.subscribe('stacks.watched', { callback: (_, message) => void message.respond('y') });
    await suite.raw.flush();
    const set = () => {
      throw new Error('watched');
    };
    Object.defineProperty(Error, 'stackTraceLimit', { configurable: true, get: () => 10, set });
    expect((await suite.nc.request('stacks.watched', 'x')).string()).toBe('y');
  });

  it('are spared in a program as Node runs it', async () => {
    const adapter = join(import.meta.dirname, '../../adapters/nats/index.ts');
    const client = suite.generation.version === 3 ? '@nats-io/transport-node' : 'nats';
    const program = `
      const { connect } = await import('${client}');
      const { traceNats } = await import(${JSON.stringify(adapter)});
      const connection = await connect({ servers: '${suite.server.url}' });
      const nc = traceNats(connection);
      nc.subscribe('stacks.plain', { callback: (_, message) => message.respond('y') });
      const { publish } = connection;
      const limits = [];
      connection.publish = function (...given) {
        limits.push(Error.stackTraceLimit);
        return publish.apply(this, given);
      };
      await nc.request('stacks.plain', 'x');
      console.log(limits.join(), Error.stackTraceLimit);
      await nc.close();`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', program];
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: 30_000 });
    expect(stdout).toBe('0 10\n');
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
