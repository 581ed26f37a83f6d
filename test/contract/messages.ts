import assert from 'node:assert/strict';
import { context, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { setTimeout as sleep } from 'node:timers/promises';
import type { TestFramework } from './adapter.js';
import { failuresOfProgram, Inbox, type Stage } from './stage.js';

const bytes = (text: string): Uint8Array => Buffer.from(text);

/** Traces across messages. */
export function messageTests(stage: Stage, { it }: TestFramework): void {
  const { adapter } = stage;

  it('joins sender and receiver in one trace', async () => {
    const to = stage.destination('join');
    const inbox = new Inbox();
    await stage.other.subscribe(to, inbox.handler);
    await stage.traced.publish(to, bytes('hello'));
    assert.equal((await inbox.wait(1))[0]!.toString(), 'hello');
    const publish = await stage.span(`publish ${to}`);
    const process = await stage.span(`process ${to}`);
    assert.equal(publish.kind, SpanKind.PRODUCER);
    assert.equal(publish.parentSpanId, '');
    assert.equal(process.kind, SpanKind.CONSUMER);
    assert.equal(process.traceId, publish.traceId);
    assert.equal(process.parentSpanId, publish.spanId);
    for (const [span, name, type] of [
      [publish, 'publish', 'send'],
      [process, 'process', 'process'],
    ] as const) {
      assert.equal(span.attributes['messaging.system'], adapter.system);
      assert.equal(span.attributes['messaging.operation.name'], name);
      assert.equal(span.attributes['messaging.operation.type'], type);
      assert.equal(span.attributes['messaging.destination.name'], to);
      assert.equal(span.status.code, SpanStatusCode.UNSET);
    }
  });

  it('sends within the current span, and goes on with the trace from a handler', async () => {
    const [first, second] = [stage.destination('chain-a'), stage.destination('chain-b')];
    const inbox = new Inbox();
    await stage.other.subscribe(first, async (data) => {
      await sleep(1);
      await stage.other.publish(second, data);
    });
    await stage.traced.subscribe(second, inbox.handler);
    const root = stage.tracer.startSpan(`root of ${first}`);
    await context.with(trace.setSpan(context.active(), root), () => stage.traced.publish(first, bytes('x')));
    root.end();
    await inbox.wait(1);
    const chain = [
      `root of ${first}`,
      `publish ${first}`,
      `process ${first}`,
      `publish ${second}`,
      `process ${second}`,
    ];
    let parent = '';
    for (const name of chain) {
      const span = await stage.span(name);
      assert.equal(span.parentSpanId, parent, name);
      assert.equal(span.traceId, root.spanContext().traceId, name);
      parent = span.spanId;
    }
  });

  it('carries tracestate, flags and baggage of other systems', async () => {
    const [from, to] = [stage.destination('foreign-in'), stage.destination('foreign-out')];
    const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-00`;
    const inbox = new Inbox();
    await stage.other.subscribe(from, (data) => stage.other.publish(to, data));
    await stage.traced.subscribe(to, inbox.handler);
    await stage.plain.publish(from, bytes('x'), { traceparent, tracestate: 'vendor=1', baggage: 'user=4711' });
    await inbox.wait(1);
    // unsampled spans are not stored; what they carry on is seen by a plain peer's reply to itself below
    const sampled = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`;
    await stage.plain.publish(from, bytes('x'), { traceparent: sampled, tracestate: 'vendor=1' });
    const [span] = (await stage.spans(1, `process ${to}`)).filter((one) => one.traceId === 'c'.repeat(32));
    assert.equal(span!.traceState?.get('vendor'), '1');
  });

  it(adapter.delivery === 'fan-out' ? 'reaches every subscriber' : 'reaches one of the consumers', async () => {
    const to = stage.destination('fan');
    const [one, two, sink] = [new Inbox(), new Inbox(), new Inbox()];
    await stage.other.subscribe(to, one.handler);
    await stage.traced.subscribe(to, two.handler);
    for (let i = 0; i < 20; i++) await stage.traced.publish(to, bytes(String(i)));
    const each = adapter.delivery === 'fan-out';
    const all = (): number => one.messages.length + two.messages.length + sink.messages.length;
    const processes = await stage.spans(each ? 40 : 20, `process ${to}`);
    assert.equal(all(), each ? 40 : 20);
    if (each) assert.equal(one.messages.length, 20);
    const publishes = await stage.spans(20, `publish ${to}`);
    const senders = new Set(publishes.map((span) => span.spanId));
    assert.ok(processes.every((span) => senders.has(span.parentSpanId)));
  });

  it('fails the span of a message whose handler fails, and leaves the failure to the program', async () => {
    const to = stage.destination('failing');
    await stage.other.subscribe(to, async () => {
      await sleep(1);
      throw new RangeError('handler failed');
    });
    const failures = await failuresOfProgram(async () => {
      await stage.traced.publish(to, bytes('x'));
      await stage.span(`process ${to}`);
    });
    const span = await stage.span(`process ${to}`);
    assert.equal(span.status.code, SpanStatusCode.ERROR);
    assert.equal(span.attributes['error.type'], 'RangeError');
    assert.equal(span.events[0]?.name, 'exception');
    assert.deepEqual(
      failures.map((error) => (error as Error).message),
      ['handler failed'],
    );
    assert.equal((await stage.span(`publish ${to}`)).status.code, SpanStatusCode.UNSET);
  });

  it(adapter.ordered === false ? 'delivers many messages once each' : 'keeps the order of messages', async () => {
    const to = stage.destination('order');
    const inbox = new Inbox();
    await stage.other.subscribe(to, inbox.handler);
    const sent = Array.from({ length: 300 }, (_, i) => String(i));
    await Promise.all(sent.map((text) => stage.traced.publish(to, bytes(text))));
    const got = (await inbox.wait(300)).map(String);
    if (adapter.ordered === false) assert.deepEqual(got.sort(), sent.sort());
    else assert.deepEqual(got, sent);
  });

  it('keeps concurrent traces apart', async () => {
    const to = stage.destination('apart');
    const wrong: string[] = [];
    let handled = 0;
    await stage.other.subscribe(to, async (data) => {
      const expected = Buffer.from(data).toString();
      await sleep(Math.random() * 10);
      const actual = trace.getActiveSpan()?.spanContext().traceId;
      if (actual !== expected) wrong.push(`${actual} for ${expected}`);
      handled++;
    });
    const send = async (): Promise<void> => {
      const root = stage.tracer.startSpan('root');
      const { traceId } = root.spanContext();
      await context.with(trace.setSpan(context.active(), root), () => stage.traced.publish(to, bytes(traceId)));
      root.end();
    };
    await Promise.all(Array.from({ length: 50 }, send));
    await stage.spans(50, `process ${to}`);
    assert.deepEqual({ handled, wrong }, { handled: 50, wrong: [] });
  });

  it('delivers what was sent before its client was closed', async () => {
    const to = stage.destination('last');
    const inbox = new Inbox();
    await stage.other.subscribe(to, inbox.handler);
    const leaving = await adapter.connect();
    const sent = Array.from({ length: 100 }, (_, i) => leaving.publish(to, bytes(String(i))));
    await Promise.all(sent);
    await leaving.close();
    assert.equal((await inbox.wait(100)).length, 100);
    await stage.spans(100, `publish ${to}`);
  });

  it('gets no messages after it has unsubscribed', async () => {
    const to = stage.destination('gone');
    const [ended, inbox] = [new Inbox(), new Inbox()];
    const end = await stage.other.subscribe(to, ended.handler);
    await stage.traced.publish(to, bytes('before'));
    await ended.wait(1);
    await end();
    await stage.traced.subscribe(to, inbox.handler);
    await stage.traced.publish(to, bytes('after'));
    await inbox.wait(1);
    assert.deepEqual(ended.messages.map(String), ['before']);
  });
}
