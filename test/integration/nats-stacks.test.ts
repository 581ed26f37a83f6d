import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { MsgHdrs, NatsConnection, NodeConnectionOptions, RequestOptions } from '@nats-io/transport-node';
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

/** What a program has put in the place of a method of the client's, and the start of the stack that its error is to have. */
const ownWay = (): never => {
  throw new Error('mine');
};
const ownFrame = /^Error: mine\n\s+at .*ownWay/;

describeNats('Stacks of requests', (suite) => {
  const connect = (options?: NodeConnectionOptions): Promise<NatsConnection> =>
    suite.generation.connect({ servers: suite.server.url, ...options });

  /** What a program of its own prints that has a `connect` and a `traceNats`. */
  const printed = async (program: string): Promise<string> => {
    const adapter = join(import.meta.dirname, '../../adapters/nats/index.ts');
    const client = suite.generation.version === 3 ? '@nats-io/transport-node' : 'nats';
    const imports = `
      const client = await import('${client}');
      const { traceNats } = await import(${JSON.stringify(adapter)});
      const connect = () => client.connect({ servers: '${suite.server.url}' });`;
    const args = ['--import', 'tsx', '--input-type=module', '-e', imports + program];
    return (await promisify(execFile)(process.execPath, args, { timeout: 30_000 })).stdout;
  };

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

  it('say once of each place that it asked, where very many requests fail at once', async () => {
    await silence();
    /** Closes with 9,500 open requests. @returns their errors, and how long it took */
    const close = async (nc: NatsConnection) => {
      const first = () => nc.request('stacks.silence', 'x', { timeout: 60_000 });
      const second = () => nc.request('stacks.silence', 'x', { timeout: 60_000 });
      const requests = Array.from({ length: 9_500 }, (_, i) => (i % 2 === 0 ? first : second)());
      const errors = Promise.all(requests.map((request) => request.catch((error: Error) => error)) as Promise<Error>[]);
      await nc.flush();
      const start = performance.now();
      await nc.close();
      return { errors: await errors, ms: performance.now() - start };
    };
    const theirs = await close(await connect());
    const ours = await close(traceNats(await connect()));
    for (const [i, { stack, message }] of ours.errors.entries()) {
      expect(stack!.split(i % 2 === 0 ? ' at first ' : ' at second ')).toHaveLength(2);
      expect(stack!.length).toBeLessThan(5_000);
      expect(message).toBe(theirs.errors[i]!.message);
    }
    expect(ours.ms).toBeLessThan(6 * theirs.ms + 500);
  });

  it('are kept short where requests of very many places fail at once', async () => {
    const nc = traceNats(await connect());
    await silence();
    const places = Array.from({ length: 500 }, (_, i) => {
      const name = `place${i}`;
      return { [name]: () => nc.request('stacks.silence', 'x') }[name]!;
    });
    const requests = places.map((place) => place().catch((error: Error) => error)) as Promise<Error>[];
    await nc.flush();
    await nc.close();
    const errors = await Promise.all(requests);
    expect(errors[0]!.stack).toContain('place0');
    for (const { stack } of errors) expect(stack!.length).toBeLessThan(70_000);
  });

  it('are without secrets in spans, also one that comes again', async () => {
    const connection = await connect();
    connection.request = () => Promise.reject(new Error('not for someone@example.com'));
    for (let i = 0; i < 2; i++) await askAndFail(traceNats(connection), 'stacks.secret');
    await connection.close();
    const spans = await suite.spans('request stacks.secret');
    expect(spans).toHaveLength(2);
    for (const { events } of spans) {
      const stack = String(events[0]!.attributes['exception.stacktrace']);
      expect(stack).toMatch(/^Error: not for \[redacted e-mail\]\n\s+at /);
    }
  });

  it('are the client’s where the program has its own way to ask', async () => {
    const connection = await connect();
    connection.request = function ownWay() {
      return Promise.reject(new Error('mine'));
    };
    const { stack } = await askAndFail(traceNats(connection), 'stacks.silence');
    await connection.close();
    expect(stack).toMatch(ownFrame);
  });

  it.each(['publish', 'protocol.publish'])('are the client’s where the program has its own %s', async (method) => {
    const connection = await connect();
    const { protocol } = connection as unknown as { protocol: object };
    Object.assign(method === 'publish' ? connection : protocol, { publish: ownWay });
    const { stack } = await askAndFail(traceNats(connection), 'stacks.silence');
    await connection.close();
    expect(stack).toMatch(ownFrame);
  });

  it('are the client’s where a tool has put its own way to ask into the client’s class', async () => {
    const connection = await connect();
    const prototype = Object.getPrototypeOf(connection) as NatsConnection;
    const request = Object.getOwnPropertyDescriptor(prototype, 'request')!;
    let seen: string | undefined;
    prototype.request = function ownWay() {
      seen = new Error('seen').stack;
      return Promise.reject(new Error('mine'));
    };
    try {
      const { stack } = await askAndFail(traceNats(connection), 'stacks.mine');
      expect(stack).toMatch(ownFrame);
      expect(seen).toMatch(/^Error: seen\n\s+at .*ownWay/);
    } finally {
      Object.defineProperty(prototype, 'request', request);
      await connection.close();
    }
  });

  it('are the client’s where a tool did so before the first connection was traced', async () => {
    const stdout = await printed(`
      const prototype = Object.getPrototypeOf(await connect());
      const { request } = prototype;
      prototype.request = function ownWay(...given) {
        console.log(new Error('seen').stack);
        return request.apply(this, given);
      };
      await traceNats(await connect()).request('stacks.nobody').catch(() => undefined);
      process.exit();`);
    expect(stdout).toMatch(/^Error: seen\n\s+at .*ownWay/);
  });

  it('are the client’s where it is to encode headers of the program, which refuse', async () => {
    const headers = { encode: ownWay } as unknown as MsgHdrs;
    const { stack } = await askAndFail(suite.nc, 'stacks.silence', { timeout: 30, headers });
    expect(stack).toMatch(ownFrame);
  });

  it.each([undefined, 'many'])('are none where the program wants %s frames', async (limit) => {
    await silence();
    Error.stackTraceLimit = limit as unknown as number;
    const theirs = await askAndFail(suite.raw, 'stacks.silence', { timeout: 30 });
    const ours = await askAndFail(suite.nc, 'stacks.silence', { timeout: 30 });
    expect(theirs.stack).toBeUndefined();
    expect(ours.stack).toBeUndefined();
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
    const stdout = await printed(`
      const connection = await connect();
      const nc = traceNats(connection);
      nc.subscribe('stacks.plain', { callback: (_, message) => message.respond('y') });
      const { protocol } = connection;
      const { request } = protocol;
      const limits = [];
      protocol.request = function (...given) {
        limits.push(Error.stackTraceLimit);
        return request.apply(this, given);
      };
      await nc.request('stacks.plain', 'x');
      console.log(limits.join(), Error.stackTraceLimit);
      await nc.close();`);
    expect(stdout).toBe('0 10\n');
  });

  it('name the caller of a request that could not be sent, where the client forgets its timer', async () => {
    const stdout = await printed(`
      process.on('unhandledRejection', (error) => console.log(error.stack));
      const nc = traceNats(await connect());
      async function askTooMuch() {
        await nc.request('stacks.large', new Uint8Array(2_000_000), { noMux: true, timeout: 30 });
      }
      await askTooMuch().catch(() => undefined);
      await new Promise((resolve) => setTimeout(resolve, 60));
      await nc.close();`);
    expect(stdout).toMatch(/timeout/i);
    expect(stdout).toContain('askTooMuch');
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
