import { Readable } from 'node:stream';
import { diag, SpanKind, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import {
  createTracing,
  executeTool,
  inference,
  injectMeta,
  InvalidOptionError,
  invokeAgent,
  keep,
  recordHandoff,
  recordMessages,
  recordPlan,
  recordReasoning,
  recordUsage,
  traceAgent,
  withConversation,
  withMeta,
  type Tracing,
} from '../../src/index.js';
import { stopTracing } from './stop-tracing.js';
import { MemorySink } from './support.js';

const sink = new MemorySink();
let tracing: Tracing;
beforeAll(() => {
  tracing = createTracing({ service: 'agents', sink }).register();
});
afterEach(async () => {
  await tracing.forceFlush();
  sink.batches.length = 0;
});
afterAll(() => stopTracing(tracing));

async function spans() {
  await tracing.forceFlush();
  return sink.spans;
}

async function one(name: string) {
  const found = (await spans()).filter((span) => span.name === name);
  expect(found, name).toHaveLength(1);
  return found[0]!;
}

const child = (name: string) => trace.getTracer('test').startSpan(name).end();
const later = <T>(value: T, ms = 5) => new Promise<T>((resolve) => setTimeout(resolve, ms, value));

class Agent {
  #greeting = 'hello';
  invoke(name: string): Promise<string> {
    child('inner');
    return later(`${this.#greeting} ${name}`);
  }
  plain(name: string): string {
    return `${this.#greeting} ${name}`;
  }
  fails(): never {
    throw new RangeError('no such plan');
  }
  async rejects(): Promise<never> {
    await later(0);
    throw new TypeError('not today');
  }
  async *stream(count: number): AsyncGenerator<string, string> {
    for (let i = 0; i < count; i++) {
      await later(0, 3);
      child('chunk');
      yield `${this.#greeting} ${i}`;
    }
    return 'end';
  }
  async *breaks(): AsyncGenerator<string> {
    yield 'a';
    throw new SyntaxError('broken');
  }
  both(): Promise<string> {
    return this.invoke('both');
  }
}

describe('a traced agent', () => {
  it('is the same object, with one span around each call', async () => {
    const agent = new Agent();
    const same = traceAgent(agent, { name: 'greeter', id: 'g-1', version: '2.1.0', description: 'says hello' });
    expect(same).toBe(agent);
    expect(same).toBeInstanceOf(Agent);
    expect(await same.invoke('you')).toBe('hello you');
    const span = await one('invoke_agent greeter');
    expect(span.kind).toBe(SpanKind.INTERNAL);
    expect(span.attributes).toEqual({
      'gen_ai.operation.name': 'invoke_agent',
      'gen_ai.agent.name': 'greeter',
      'gen_ai.agent.id': 'g-1',
      'gen_ai.agent.version': '2.1.0',
      'gen_ai.agent.description': 'says hello',
    });
    expect((await one('inner')).parentSpanId).toBe(span.spanId);
    expect(span.endTime - span.startTime).toBeGreaterThan(3e6);
  });

  it('is a client’s when the agent is remote', async () => {
    invokeAgent({ name: 'elsewhere', remote: true, provider: 'openai' }, () => 1);
    expect(await one('invoke_agent elsewhere')).toMatchObject({
      kind: SpanKind.CLIENT,
      attributes: { 'gen_ai.provider.name': 'openai' },
    });
  });

  it.each([
    ['throws', 'fails', 'RangeError', 'no such plan'],
    ['rejects with', 'rejects', 'TypeError', 'not today'],
  ] as const)('fails its span with what it %s, and passes it on untouched', async (_, method, type, message) => {
    const agent = traceAgent(new Agent(), { name: method, methods: ['fails', 'rejects'] });
    let thrown: unknown;
    try {
      await agent[method]();
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toMatchObject({ name: type, message });
    const span = await one(`invoke_agent ${method}`);
    expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message });
    expect(span.attributes['error.type']).toBe(type);
    expect(span.events).toMatchObject([
      { name: 'exception', attributes: { 'exception.type': type, 'exception.message': message } },
    ]);
  });

  it('ends a plain result’s span at once', async () => {
    expect(traceAgent(new Agent(), { name: 'plain', methods: ['plain'] }).plain('x')).toBe('hello x');
    await one('invoke_agent plain');
  });

  it('ends a stream’s span with its last chunk, and knows when the first came', async () => {
    const agent = traceAgent(new Agent(), { name: 'streamer', methods: ['stream'] });
    const chunks: string[] = [];
    for await (const chunk of agent.stream(3)) {
      chunks.push(chunk);
      expect(sink.spans.filter((s) => s.name === 'invoke_agent streamer')).toEqual([]);
    }
    expect(chunks).toEqual(['hello 0', 'hello 1', 'hello 2']);
    const span = await one('invoke_agent streamer');
    const first = span.attributes['gen_ai.response.time_to_first_chunk'] as number;
    expect(first).toBeGreaterThan(0.002);
    expect(first * 1e9).toBeLessThan(span.endTime - span.startTime);
    expect(span.attributes['gen_ai.request.stream']).toBe(true);
    // what the generator's body does belongs to the agent, what its reader does does not
    const below = (await spans()).filter((s) => s.name === 'chunk');
    expect(below.map((s) => s.parentSpanId)).toEqual([span.spanId, span.spanId, span.spanId]);
  });

  it('hands on what a generator returns, takes and is left with', async () => {
    const agent = traceAgent(new Agent(), { name: 'by-hand', methods: ['stream'] });
    const stream = agent.stream(1);
    expect(await stream.next()).toEqual({ done: false, value: 'hello 0' });
    expect(await stream.next()).toEqual({ done: true, value: 'end' });
    expect(await stream.next()).toEqual({ done: true, value: undefined });
    const left = agent.stream(9);
    for await (const _ of left) break;
    expect((await spans()).filter((s) => s.name === 'invoke_agent by-hand')).toHaveLength(2);
    expect((await spans()).every((s) => s.status.code === SpanStatusCode.UNSET)).toBe(true);
  });

  it('hands on a result that does not want to be asked what it is', async () => {
    const strict = new Proxy({}, { get: (_, key) => expect.fail(String(key)) });
    expect(invokeAgent('strict', () => strict) === strict).toBe(true);
    expect((await one('invoke_agent strict')).status.code).toBe(SpanStatusCode.UNSET);
  });

  it('fails the span of a stream that breaks', async () => {
    const agent = traceAgent(new Agent(), { name: 'breaker', methods: ['breaks'] });
    const read = async (): Promise<void> => {
      for await (const _ of agent.breaks());
    };
    await expect(read()).rejects.toThrow(SyntaxError);
    expect((await one('invoke_agent breaker')).attributes['error.type']).toBe('SyntaxError');
  });

  it('follows a web stream to its end, however it is read', async () => {
    const make = () =>
      invokeAgent('web', async () => {
        await later(0);
        return new ReadableStream<string>({
          async pull(controller) {
            await later(0, 2);
            controller.enqueue('x');
            controller.close();
          },
        });
      });
    expect(await new Response((await make()).pipeThrough(new TextEncoderStream())).text()).toBe('x');
    const reader = (await make()).getReader();
    expect(await reader.read()).toEqual({ done: false, value: 'x' });
    expect((await reader.read()).done).toBe(true);
    await (await make()).cancel('enough');
    const found = (await spans()).filter((s) => s.name === 'invoke_agent web');
    expect(found).toHaveLength(3);
    expect(found[0]!.attributes['gen_ai.response.time_to_first_chunk']).toBeGreaterThan(0);
  });

  it('leaves a stream of bytes one', async () => {
    const stream = invokeAgent('bytes', () => new Response('some bytes').body!);
    const reader = stream.getReader({ mode: 'byob' });
    const { value } = await reader.read(new Uint8Array(64));
    expect(Buffer.from(value!).toString()).toBe('some bytes');
    expect((await reader.read(new Uint8Array(64))).done).toBe(true);
    await one('invoke_agent bytes');
  });

  it('follows a Node stream without starting it', async () => {
    const stream = invokeAgent('node', () => Readable.from(['a', 'b'].map((s) => Buffer.from(s))));
    await later(0, 10);
    expect(await spans()).toEqual([]);
    const chunks: Buffer[] = [];
    for await (const chunk of stream) chunks.push(chunk as Buffer);
    expect(Buffer.concat(chunks).toString()).toBe('ab');
    await later(0);
    await one('invoke_agent node');
  });

  it('keeps the methods of a promise that has its own, and does not start it', async () => {
    class Lazy {
      #started = 0;
      get started(): number {
        return this.#started;
      }
      withResponse(): string {
        return `${this.#started} requests`;
      }
      then<T>(onValue: (value: string) => T): Promise<T> {
        this.#started++;
        return later('answer').then(onValue);
      }
    }
    const answer = invokeAgent('lazy', () => new Lazy());
    expect([answer.started, answer.withResponse()]).toEqual([0, '0 requests']);
    expect(await (answer as unknown as Promise<string>)).toBe('answer');
    expect(answer.started).toBe(1);
    await one('invoke_agent lazy');
  });

  it('is one invocation where one of its methods calls another, and two where it calls itself through a tool', async () => {
    const agent = traceAgent(new Agent(), { name: 'whole', methods: ['invoke', 'both'] });
    await agent.both();
    await one('invoke_agent whole');
    await invokeAgent('outer', () => executeTool('again', () => agent.invoke('again')));
    expect((await spans()).filter((s) => s.name === 'invoke_agent whole')).toHaveLength(2);
  });

  it('is wrapped once, and only by methods that it has', () => {
    const agent = traceAgent(new Agent(), { name: 'twice' });
    const invoke = Reflect.get(agent, 'invoke') as { name: string };
    expect(Reflect.get(traceAgent(agent, { name: 'twice' }), 'invoke')).toBe(invoke);
    expect(invoke.name).toBe('invoke');
    expect(() => traceAgent({} as { run(): void }, { name: 'x', methods: ['run'] })).toThrow(InvalidOptionError);
    expect(() => traceAgent(Object.freeze({ invoke: () => 1 }), { name: 'x' })).toThrow(InvalidOptionError);
  });
});

describe('annotations', () => {
  it('land on the active span, from anywhere below it', async () => {
    await inference({ model: 'large-1', provider: 'acme', temperature: 0.2, maxTokens: 500 }, async () => {
      await later(0);
      recordUsage({
        inputTokens: 1200,
        outputTokens: 340,
        cachedInputTokens: 1000,
        reasoningTokens: 64,
        model: 'large-1-2026',
        provider: 'acme-eu',
        costUsd: 0.0123,
        finishReasons: ['stop'],
      });
      recordPlan(['ask', 'write']);
      recordReasoning('because');
      recordHandoff('writer');
    });
    const span = await one('chat large-1');
    expect(span.kind).toBe(SpanKind.CLIENT);
    expect(span.attributes).toEqual({
      'gen_ai.operation.name': 'chat',
      'gen_ai.request.model': 'large-1',
      'gen_ai.request.temperature': 0.2,
      'gen_ai.request.max_tokens': 500,
      'gen_ai.provider.name': 'acme-eu',
      'gen_ai.response.model': 'large-1-2026',
      'gen_ai.response.finish_reasons': ['stop'],
      'gen_ai.usage.input_tokens': 1200,
      'gen_ai.usage.output_tokens': 340,
      'gen_ai.usage.cache_read.input_tokens': 1000,
      'gen_ai.usage.reasoning.output_tokens': 64,
      'spanbus.cost_usd': 0.0123,
    });
    expect(span.events.map((e) => [e.name, e.attributes])).toEqual([
      ['plan', { 'gen_ai.plan.steps': ['ask', 'write'] }],
      ['reasoning', { 'gen_ai.reasoning.text': 'because' }],
      ['handoff', { 'gen_ai.handoff.agent': 'writer' }],
    ]);
  });

  it('do nothing without a span', () => {
    recordUsage({ inputTokens: 1 });
    recordReasoning('x');
    recordPlan(['x']);
    recordHandoff('x');
  });

  it('carry the conversation down to tools and models', async () => {
    await withConversation('c-1', () =>
      invokeAgent('outer', async () => {
        await executeTool('search', () => later(1), { callId: 'call-7' });
        inference({ model: 'm' }, () => 1);
      }),
    );
    invokeAgent({ name: 'named', conversationId: 'c-2' }, () => invokeAgent('below', () => 1));
    const seen = Object.fromEntries((await spans()).map((s) => [s.name, s.attributes['gen_ai.conversation.id']]));
    expect(seen).toEqual({
      'invoke_agent outer': 'c-1',
      'execute_tool search': 'c-1',
      'chat m': 'c-1',
      'invoke_agent named': 'c-2',
      'invoke_agent below': 'c-2',
    });
    expect((await one('execute_tool search')).attributes).toMatchObject({
      'gen_ai.tool.name': 'search',
      'gen_ai.tool.type': 'function',
      'gen_ai.tool.call.id': 'call-7',
    });
  });
});

describe('what an annotation cannot use', () => {
  const throwing = new Proxy(
    {},
    {
      get: () => {
        throw new Error('hostile');
      },
      ownKeys: () => {
        throw new Error('hostile');
      },
      getPrototypeOf: () => {
        throw new Error('hostile');
      },
    },
  );
  const revoked = () => {
    const { proxy, revoke } = Proxy.revocable([], {});
    revoke();
    return proxy;
  };
  const warn = vi.fn();
  const nothing = () => undefined;
  beforeAll(() => {
    diag.setLogger({ error: nothing, warn, info: nothing, debug: nothing, verbose: nothing });
  });
  afterAll(() => diag.disable());

  it.each<[string, (bad: never) => void]>([
    ['recordUsage', recordUsage],
    ['recordPlan', recordPlan],
    ['recordReasoning', recordReasoning],
    ['recordHandoff', recordHandoff],
    ['recordMessages', recordMessages],
    ['keep', keep],
    ['keep of a span', (bad) => keep('why', bad)],
    ['withMeta', (bad) => expect(withMeta(bad, () => 'mine')).toBe('mine')],
    ['injectMeta', injectMeta],
    ['withConversation', (bad) => expect(withConversation(bad, () => 'mine')).toBe('mine')],
    ['invokeAgent', (bad) => expect(invokeAgent(bad, () => 'mine')).toBe('mine')],
    ['the name of invokeAgent', (bad) => expect(invokeAgent({ name: bad }, () => 'mine')).toBe('mine')],
    ['its conversation', (bad) => expect(invokeAgent({ name: 'a', conversationId: bad }, () => 1)).toBe(1)],
    ['executeTool', (bad) => expect(executeTool('t', () => 'mine', bad)).toBe('mine')],
    ['the name of executeTool', (bad) => expect(executeTool(bad, () => 'mine')).toBe('mine')],
    ['inference', (bad) => expect(inference(bad, () => 'mine')).toBe('mine')],
    ['its options', (bad) => expect(inference({ model: 'm', stopSequences: bad }, () => 1)).toBe(1)],
    [
      'a result',
      (bad) =>
        expect(
          Object.is(
            invokeAgent('a', () => bad),
            bad,
          ),
        ).toBe(true),
    ],
  ])('does the agent no harm: %s', async (_, annotate) => {
    const content = createTracing({ sink, capture: { content: true } });
    for (const bad of [undefined, null, 5, {}, Symbol('s'), throwing, revoked()]) {
      expect(invokeAgent('sound', () => (annotate(bad as never), 'done'))).toBe('done');
    }
    await content.shutdown();
    expect(
      (await spans()).filter(
        ({ name, status }) => name === 'invoke_agent sound' && status.code === SpanStatusCode.UNSET,
      ),
    ).toHaveLength(7);
  });

  it('is told, and what can be used is', async () => {
    warn.mockClear();
    executeTool('t', () => 1, null as never);
    expect(warn).toHaveBeenCalledOnce();
    await one('execute_tool t');
    inference(null as never, () => 1);
    expect((await one('chat')).kind).toBe(SpanKind.CLIENT);
    expect(warn).toHaveBeenCalledTimes(2);
  });

  it('leaves the agent its own errors', async () => {
    for (const mine of [new RangeError('mine'), revoked(), throwing]) {
      let caught: unknown;
      try {
        executeTool('fails', () => {
          throw mine as Error;
        });
      } catch (error) {
        caught = error;
      }
      expect(Object.is(caught, mine)).toBe(true);
    }
    expect((await spans()).map(({ status }) => status.code)).toEqual(Array(3).fill(SpanStatusCode.ERROR));
  });
});

describe('without tracing', () => {
  it('results are not touched', async () => {
    void stopTracing();
    const stream = (async function* () {
      yield 1;
    })();
    expect(invokeAgent('nobody', () => stream)).toBe(stream);
    const promise = Promise.resolve(1);
    expect(invokeAgent('nobody', () => promise)).toBe(promise);
    const seen = vi.fn<(span: Span) => void>();
    executeTool('nothing', seen);
    expect(seen.mock.calls[0]![0].isRecording()).toBe(false);
    tracing.register();
  });
});
