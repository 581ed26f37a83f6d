import assert from 'node:assert/strict';
import { SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { setTimeout as sleep } from 'node:timers/promises';
import { NoRespondersError, RemoteError, RequestTimeoutError } from '../../src/index.js';
import type { TestFramework } from './adapter.js';
import { until, type Stage } from './stage.js';

const text = (data: Uint8Array): string => Buffer.from(data).toString();

async function rejection(promise: Promise<unknown>): Promise<Error> {
  return promise.then(
    () => assert.fail('it was answered'),
    (error: unknown) => error as Error,
  );
}

/** Requests and replies, by the interface that all buses share. */
export function requestTests(stage: Stage, { it }: TestFramework): void {
  const { adapter } = stage;

  it('answers a request, in one trace, with a client and a server span', async () => {
    const to = stage.destination('double');
    await stage.otherRpc.respond(to, (request) => String(Number(request.text()) * 2));
    assert.equal(text(await stage.rpc.request(to, '21')), '42');
    const request = await stage.span(`request ${to}`);
    const process = await stage.span(`process ${to}`);
    assert.equal(request.kind, SpanKind.CLIENT);
    assert.equal(request.attributes['rpc.system.name'], adapter.system);
    assert.equal(process.kind, SpanKind.SERVER);
    assert.equal(process.traceId, request.traceId);
    assert.equal(process.parentSpanId, request.spanId);
  });

  it('answers with bytes as they are, a megabyte too, and with nothing', async () => {
    const to = stage.destination('echo');
    await stage.otherRpc.respond(to, (request) => (request.data.length > 0 ? request.data : undefined));
    const every = Uint8Array.from({ length: 256 }, (_, i) => i);
    assert.deepEqual(Buffer.from(await stage.rpc.request(to, every)), Buffer.from(every));
    const big = Buffer.alloc(1_000_000, 'x');
    assert.ok(Buffer.from(await stage.rpc.request(to, big, { timeoutMs: 5000 })).equals(big));
    assert.equal((await stage.rpc.request(to, new Uint8Array())).length, 0);
  });

  it('raises a responder’s error at the caller, by its type, and fails both spans', async () => {
    const to = stage.destination('broken');
    await stage.otherRpc.respond(to, async () => {
      await sleep(1);
      throw new RangeError('out of reach: é');
    });
    const error = await rejection(stage.rpc.request(to, 'x'));
    assert.ok(error instanceof RemoteError);
    assert.equal(error.name, 'RangeError');
    assert.equal(error.message, 'out of reach: é');
    for (const name of [`request ${to}`, `process ${to}`]) {
      const span = await stage.span(name);
      assert.equal(span.status.code, SpanStatusCode.ERROR, name);
      assert.equal(span.attributes['error.type'], 'RangeError', name);
    }
  });

  it('says that no answer came in time, and counts the one that comes late', async () => {
    const to = stage.destination('slow');
    await stage.otherRpc.respond(to, async () => {
      await sleep(150);
      return 'late';
    });
    // on a slow machine a queue may drop it before it is handled, and count that
    const misses = (): number => stage.rpc.stats().lateReplies + stage.otherRpc.stats().expiredRequests;
    const before = misses();
    const error = await rejection(stage.rpc.request(to, 'x', { timeoutMs: 50 }));
    assert.ok(error instanceof RequestTimeoutError);
    assert.equal((await stage.span(`request ${to}`)).attributes['error.type'], 'timeout');
    await until(
      () => misses() === before + 1,
      () => 'the late reply was not counted',
    );
  });

  it(adapter.knowsNobody === false ? 'waits for somebody to come' : 'says at once that nobody listens', async () => {
    const to = stage.destination('ghost');
    const started = performance.now();
    const error = await rejection(stage.rpc.request(to, 'x', { timeoutMs: 2000 }));
    if (adapter.knowsNobody === false) {
      assert.ok(error instanceof RequestTimeoutError);
      return;
    }
    assert.ok(error instanceof NoRespondersError);
    assert.ok(performance.now() - started < 1000, 'at once');
    assert.equal((await stage.span(`request ${to}`)).attributes['error.type'], 'no_responders');
  });

  it('tells the responder what is left of the caller’s time', async () => {
    const to = stage.destination('deadline');
    const seen: number[] = [];
    let aborted = false;
    await stage.otherRpc.respond(to, async (request) => {
      seen.push(request.remainingMs());
      request.signal.addEventListener('abort', () => (aborted = true));
      await sleep(60);
      seen.push(request.remainingMs());
      return 'x';
    });
    await stage.rpc.request(to, 'x', { timeoutMs: 1000 });
    assert.ok(seen[0]! <= 1000 && seen[0]! > 500, String(seen[0]));
    assert.ok(seen[1]! <= seen[0]! - 50, String(seen[1]));
    assert.equal(aborted, false);
    await rejection(stage.rpc.request(to, 'x', { timeoutMs: 30 }));
    await until(
      () => aborted,
      () => 'the signal was not aborted',
    );
  });

  it('brings many replies in order, and ends with them', async () => {
    const to = stage.destination('many');
    await stage.otherRpc.respond(to, async function* () {
      for (let i = 0; i < 20; i++) {
        if (i % 5 === 0) await sleep(1);
        stage.tracer.startSpan(`step of ${to}`).end();
        yield String(i);
      }
    });
    const replies: string[] = [];
    for await (const reply of stage.rpc.requestMany(to, 'x')) replies.push(text(reply));
    assert.deepEqual(
      replies,
      Array.from({ length: 20 }, (_, i) => String(i)),
    );
    const steps = await stage.spans(20, `step of ${to}`);
    const process = await stage.span(`process ${to}`);
    assert.ok(
      steps.every((step) => step.parentSpanId === process.spanId),
      'in the responder’s span',
    );
  });

  it('raises an error between replies', async () => {
    const to = stage.destination('half');
    await stage.otherRpc.respond(to, async function* () {
      await sleep(1);
      yield 'one';
      throw new TypeError('no more');
    });
    const replies: string[] = [];
    const error = await rejection(
      (async () => {
        for await (const reply of stage.rpc.requestMany(to, 'x')) replies.push(text(reply));
      })(),
    );
    assert.deepEqual([replies, error.name, error.message], [['one'], 'TypeError', 'no more']);
  });

  it('stops waiting when its signal is aborted', async () => {
    const to = stage.destination('cancelled');
    await stage.otherRpc.respond(to, () => sleep(100, 'late'));
    const abort = new AbortController();
    const request = rejection(stage.rpc.request(to, 'x', { timeoutMs: 5000, signal: abort.signal }));
    await sleep(20);
    abort.abort();
    assert.equal((await request).name, 'AbortError');
    assert.equal((await stage.span(`request ${to}`)).attributes['error.type'], 'cancelled');
    const before = await rejection(stage.rpc.request(to, 'x', { signal: AbortSignal.abort(new Error('never sent')) }));
    assert.equal(before.message, 'never sent');
  });

  it('keeps a hundred requests at once apart', async () => {
    const to = stage.destination('crowd');
    await stage.otherRpc.respond(to, async (request) => {
      await sleep(Math.random() * 10);
      return `${request.text()} ${trace.getActiveSpan()?.spanContext().traceId}`;
    });
    const ask = async (i: number): Promise<string> => text(await stage.rpc.request(to, String(i), { timeoutMs: 5000 }));
    const answers = await Promise.all(Array.from({ length: 100 }, (_, i) => ask(i)));
    assert.deepEqual(
      answers.map((answer) => answer.split(' ')[0]),
      Array.from({ length: 100 }, (_, i) => String(i)),
    );
    assert.equal(new Set(answers.map((answer) => answer.split(' ')[1])).size, 100, 'traces');
  });

  it('has the requests at hand answered when a responder stops', async () => {
    const to = stage.destination('stopping');
    let arrive: () => void;
    const arrived = new Promise<void>((done) => (arrive = done));
    const responder = await stage.otherRpc.respond(to, () => {
      arrive();
      return sleep(50, 'done');
    });
    const request = stage.rpc.request(to, 'x', { timeoutMs: 3000 });
    await arrived;
    await responder.stop();
    assert.equal(text(await request), 'done');
  });
}
