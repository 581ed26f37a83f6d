import { createServer, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { OpenAIInstrumentation } from '@arizeai/openinference-instrumentation-openai';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { connect, type NatsConnection } from '@nats-io/transport-node';
import { generateText, streamText, tool } from 'ai';
import { convertArrayToReadableStream, MockLanguageModelV3 } from 'ai/test';
import { trace } from '@opentelemetry/api';
import OpenAI from 'openai';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { traceNats } from '../../adapters/nats/index.js';
import { createTracing, invokeAgent, type Tracing } from '../../src/index.js';
import { runJobs } from '../../src/clickhouse/index.js';
import { sharedNats } from '../servers/shared-nats.js';
import { useClickHouse, type TestDatabase } from '../support/clickhouse.js';
import { stopTracing } from '../unit/stop-tracing.js';

const clickhouse = useClickHouse();
let db: TestDatabase;
let tracing: Tracing;
let model: Server;
let modelUrl: string;
let nc: NatsConnection;
let nats: Awaited<ReturnType<typeof sharedNats>>;
const undici = new UndiciInstrumentation();

/** What a chat completion of the OpenAI API looks like on the wire. */
const COMPLETION = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'gpt-test-2026',
  choices: [{ index: 0, message: { role: 'assistant', content: 'they hold hands' }, finish_reason: 'stop' }],
  usage: {
    prompt_tokens: 321,
    completion_tokens: 123,
    total_tokens: 444,
    prompt_tokens_details: { cached_tokens: 300 },
    completion_tokens_details: { reasoning_tokens: 100 },
  },
};

beforeAll(async () => {
  db = await clickhouse.database();
  nats = await sharedNats();
  tracing = createTracing({ service: 'others', clickhouse: { url: db.url, database: db.name } }).register();
  undici.enable();
  model = createServer((request, response) => {
    request.resume().on('end', () => {
      response.setHeader('content-type', 'application/json').end(JSON.stringify(COMPLETION));
    });
  }).listen(0, '127.0.0.1');
  await once(model, 'listening');
  modelUrl = `http://127.0.0.1:${(model.address() as AddressInfo).port}`;
  nc = traceNats(await connect({ servers: nats.url }));
});
afterAll(async () => {
  undici.disable();
  await nc?.close();
  await stopTracing(tracing);
  model?.close();
  await nats?.stop();
});

interface Row {
  TraceId: string;
  SpanName: string;
  SpanId: string;
  ParentSpanId: string;
  ScopeName: string;
  SpanAttributes: Record<string, string>;
  InputTokens: number;
  OutputTokens: number;
  CachedInputTokens: number;
  ReasoningTokens: number;
}

/** Runs `work` as an agent behind a bus, and returns the rows of its trace. */
async function traced(work: () => Promise<unknown>): Promise<{ rows: Row[]; agent: Row; failed: unknown }> {
  const subject = `others.${Math.random().toString(36).slice(2)}.ask`;
  let failed: unknown;
  const sub = nc.subscribe(subject, {
    callback: (_, message) =>
      void invokeAgent('worker', work)
        .catch((error: unknown) => (failed = error))
        .finally(() => message.respond()),
  });
  const traceId = await invokeAgent('asker', async () => {
    await nc.request(subject, '', { timeout: 10_000 });
    return trace.getActiveSpan()!.spanContext().traceId;
  });
  sub.unsubscribe();
  await tracing.forceFlush();
  const rows = await db.rows<Row>(
    `SELECT *, InputTokens, OutputTokens, CachedInputTokens, ReasoningTokens FROM ${db.name}.otel_traces
     WHERE TraceId = '${traceId}' ORDER BY Timestamp`,
  );
  const agent = rows.find((row) => row.SpanName === 'invoke_agent worker')!;
  return { rows, agent, failed };
}

/** The rows below a span, itself not among them. */
function below(rows: Row[], top: Row): Row[] {
  const children = rows.filter((row) => row.ParentSpanId === top.SpanId);
  return [...children, ...children.flatMap((child) => below(rows, child))];
}

const usage = {
  inputTokens: { total: 210, noCache: 10, cacheRead: 200, cacheWrite: 0 },
  outputTokens: { total: 55, text: 15, reasoning: 40 },
};

describe('with register(), in the trace of the agent behind the bus, there are the spans of', () => {
  it('OpenTelemetry’s undici instrumentation, but none of our own inserts', async () => {
    const { rows, agent } = await traced(() => fetch(`${modelUrl}/v1/models?key=1`).then((r) => r.text()));
    const [get, ...more] = rows.filter((row) => row.ScopeName.includes('undici'));
    expect(more).toEqual([]);
    expect(get).toMatchObject({ SpanName: 'GET', ParentSpanId: agent.SpanId });
    expect(get!.SpanAttributes).toMatchObject({ 'http.response.status_code': '200' });
    const [all] = await db.rows<{ n: number }>(
      `SELECT count() n FROM ${db.name}.otel_traces WHERE ScopeName LIKE '%undici%'`,
    );
    expect(all!.n).toBe(1);
  });

  it('OpenInference, with tokens, and without what was said', async () => {
    const instrumentation = new OpenAIInstrumentation();
    instrumentation.manuallyInstrument(OpenAI);
    const client = new OpenAI({ apiKey: 'sk-test', baseURL: `${modelUrl}/v1` });
    const { rows, agent, failed } = await traced(() =>
      client.chat.completions.create({
        model: 'gpt-test',
        messages: [{ role: 'user', content: 'How do otters sleep?' }],
      }),
    );
    expect(failed).toBeUndefined();
    const span = rows.find((row) => row.ScopeName.includes('openinference'))!;
    expect(span.ParentSpanId).toBe(agent.SpanId);
    expect(span).toMatchObject({ InputTokens: 321, OutputTokens: 123, CachedInputTokens: 300, ReasoningTokens: 100 });
    // its HTTP call is below it
    expect(below(rows, span).map((row) => row.SpanName)).toEqual(['POST']);
    expect(span.SpanAttributes['llm.model_name']).toBe('gpt-test-2026');
    expect(JSON.stringify(rows)).not.toMatch(/otters|hold hands/);
  });

  it('Vercel’s AI SDK, with tokens counted once, tool calls, and without what was said', async () => {
    let turn = 0;
    const mock = new MockLanguageModelV3({
      modelId: 'mock-1',
      doGenerate: async () =>
        turn++ === 0
          ? {
              content: [{ type: 'tool-call', toolCallId: 'c1', toolName: 'river', input: '{"name":"otter creek"}' }],
              finishReason: { unified: 'tool-calls', raw: undefined },
              usage,
              warnings: [],
            }
          : {
              content: [{ type: 'text', text: 'they hold hands' }],
              finishReason: { unified: 'stop', raw: undefined },
              usage,
              warnings: [],
            },
    });
    const river = tool({
      inputSchema: z.object({ name: z.string() }),
      execute: async ({ name }) => `${name} is wide`,
    });
    const { rows, agent, failed } = await traced(() =>
      generateText({
        model: mock,
        tools: { river },
        prompt: 'How do otters sleep?',
        stopWhen: ({ steps }) => steps.length === 2,
        experimental_telemetry: { isEnabled: true, functionId: 'otters' },
      }),
    );
    expect(failed).toBeUndefined();
    const ai = below(rows, agent);
    expect(ai.map((row) => row.SpanName).sort()).toEqual([
      'ai.generateText',
      'ai.generateText.doGenerate',
      'ai.generateText.doGenerate',
      'ai.toolCall',
    ]);
    const calls = ai.filter((row) => row.SpanName === 'ai.generateText.doGenerate');
    for (const call of calls) {
      expect(call).toMatchObject({ InputTokens: 210, OutputTokens: 55, CachedInputTokens: 200, ReasoningTokens: 40 });
    }
    expect(JSON.stringify(rows)).not.toMatch(/How do|otter creek|hold hands|is wide/);
    // the span above both reports their sum: the trace has used what they used, once
    expect(ai.find((row) => row.SpanName === 'ai.generateText')).toMatchObject({ InputTokens: 420 });
    await runJobs(db.client, { database: db.name });
    const totals = await db.rows(
      `SELECT input_tokens i, output_tokens o FROM ${db.name}.trace_summary WHERE trace_id = '${agent.TraceId}'`,
    );
    expect(totals).toEqual([{ i: 420, o: 110 }]);
  });

  it('a stream of Vercel’s AI SDK, to its end', async () => {
    const mock = new MockLanguageModelV3({
      modelId: 'mock-2',
      doStream: async () => ({
        stream: convertArrayToReadableStream([
          { type: 'text-start', id: 't' },
          { type: 'text-delta', id: 't', delta: 'they hold ' },
          { type: 'text-delta', id: 't', delta: 'hands' },
          { type: 'text-end', id: 't' },
          { type: 'finish', finishReason: { unified: 'stop', raw: undefined }, usage },
        ]),
      }),
    });
    const { rows, agent, failed } = await traced(async () => {
      const result = streamText({ model: mock, prompt: 'How?', experimental_telemetry: { isEnabled: true } });
      let text = '';
      for await (const part of result.textStream) text += part;
      expect(text).toBe('they hold hands');
    });
    expect(failed).toBeUndefined();
    const call = below(rows, agent).find((row) => row.SpanName === 'ai.streamText.doStream')!;
    expect(call).toMatchObject({ InputTokens: 210, OutputTokens: 55 });
    expect(JSON.stringify(rows)).not.toMatch(/hold hands/);
  });
});
