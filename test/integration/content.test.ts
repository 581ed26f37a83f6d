import { connect, type NatsConnection } from '@nats-io/transport-node';
import { context, propagation, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { traceNats } from '../../adapters/nats/index.js';
import {
  createTracing,
  executeTool,
  inference,
  invokeAgent,
  keep,
  recordMessages,
  recordPlan,
  recordReasoning,
  traceAgent,
  withConversation,
  type Tracing,
  type TracingOptions,
} from '../../src/index.js';
import { runJobs } from '../../src/clickhouse/index.js';
import { sharedNats } from '../servers/shared-nats.js';
import { useClickHouse, type TestDatabase } from '../support/clickhouse.js';
import { stopTracing } from '../unit/stop-tracing.js';

const clickhouse = useClickHouse();
let nats: Awaited<ReturnType<typeof sharedNats>>;
let db: TestDatabase;
let tracing: Tracing | undefined;
let nc: NatsConnection | undefined;

beforeAll(async () => {
  nats = await sharedNats();
});
afterAll(() => nats?.stop());
afterEach(async () => {
  await nc?.close();
  await stopTracing(tracing);
});

/** Looks like a secret: nowhere, ever. */
const SECRET = 'sk-planted-A1b2C3d4E5f6G7h8';
/** What somebody said: nowhere unless content is captured. */
const SAID = 'the heron told nobody';
const SAID_TOO = `${SAID} but ${SECRET}`;

async function start(options: TracingOptions): Promise<void> {
  db = await clickhouse.database();
  tracing = createTracing({ service: 'leaky', clickhouse: { url: db.url, database: db.name }, ...options }).register();
  nc = traceNats(await connect({ servers: nats.url }));
}

/** An agent that lets slip, wherever a span has room for text. */
async function slip(): Promise<void> {
  nc!.subscribe('leaks.ask', { callback: (_, m) => void invokeAgent('answerer', () => void m.respond(SAID_TOO)) });
  const tracer = trace.getTracer('leaks', '1');
  const agent = traceAgent({ invoke: async (question: string) => `${question}!` }, { name: 'talker' });
  const bag = propagation.createBaggage({ tenant: { value: SECRET }, note: { value: SAID_TOO } });
  await context.with(propagation.setBaggage(context.active(), bag), () =>
    withConversation('c-9', async () => {
      const link = {
        context: tracer.startSpan('linked').spanContext(),
        attributes: { why: SECRET, 'input.value': SAID },
      };
      const span = tracer.startSpan(`call with ${SECRET}`, {
        links: [link],
        attributes: Object.freeze({ authorization: `Bearer ${SECRET}`, 'input.value': SAID_TOO }),
      });
      span.setAttributes({ token: SECRET, list: ['a', SECRET], 'gen_ai.prompt.0.content': SAID_TOO });
      span.addEvent('gen_ai.user.message', { content: SAID_TOO, role: 'user' });
      span.addEvent(`said ${SECRET}`, { password: `password=${SECRET}`, 'ai.prompt.messages': SAID_TOO });
      span.recordException(new Error(`no luck with ${SECRET}`));
      span.setStatus({ code: SpanStatusCode.ERROR, message: `refused ${SECRET}` }).updateName(`renamed ${SECRET}`);
      span.end();
      await agent.invoke(SAID_TOO);
      await executeTool('lookup', async () => SAID_TOO, { arguments: { query: SAID_TOO }, callId: 'c1' });
      await executeTool('broken', () => Promise.reject(new Error(`token: ${SECRET}`))).catch(() => undefined);
      inference({ model: 'm', messages: [{ role: 'user', content: SAID_TOO }], system: SAID_TOO }, () => {
        recordMessages({ output: SAID_TOO });
        recordReasoning(`they gave ${SECRET}`);
        recordPlan(['ask', `use ${SECRET}`]);
        keep(`because ${SECRET}`);
      });
      nc!.publish('leaks.told', SAID_TOO);
      await nc!.request('leaks.ask', SAID_TOO, { timeout: 5000 });
    }),
  );
}

/** Every table with all that it holds, as text, the jobs' own too. */
async function everything(): Promise<Record<string, string>> {
  await runJobs(db.client, { database: db.name });
  const tables = await db.rows<{ name: string }>(
    `SELECT name FROM system.tables WHERE database = '${db.name}' AND engine LIKE '%MergeTree'`,
  );
  const found: Record<string, string> = {};
  for (const { name } of tables) {
    const query = `SELECT * FROM ${db.name}.${name} SETTINGS asterisk_include_materialized_columns = 1`;
    found[name] = JSON.stringify(await db.rows(query));
  }
  expect(Object.keys(found)).toEqual(
    expect.arrayContaining(['otel_traces', 'span_content', 'trace_keeps', 'unstored_spans', 'edges_by_hour']),
  );
  return found;
}

/** The tables that have what was planted. */
function leaks(stored: Record<string, string>, planted: string): string[] {
  return Object.entries(stored).flatMap(([table, text]) => (text.includes(planted) ? [table] : []));
}

describe('what was said and what is secret', () => {
  it.each([
    ['all traces sampled', { sampling: { ratio: 1 } }],
    ['none sampled, some kept', { sampling: { ratio: 0 } }],
    ['none sampled or kept', { sampling: { ratio: 0, keep: { errors: false }, keepsPerSecond: 1e-9 } }],
  ] as [string, TracingOptions][])('is in no table with capture off, %s', async (_, options) => {
    await start({ ...options, baggageAttributes: ['tenant'] });
    await slip();
    await tracing!.shutdown();
    const stored = await everything();
    expect(stored['otel_traces']!.length + stored['unstored_spans']!.length).toBeGreaterThan(500);
    expect(leaks(stored, SECRET)).toEqual([]);
    expect(leaks(stored, SAID)).toEqual([]);
    expect(stored['span_content']).toBe('[]');
  });

  it('is in the content table alone with capture on, redacted', async () => {
    await start({ capture: { content: true }, baggageAttributes: ['tenant'] });
    await slip();
    await tracing!.shutdown();
    const stored = await everything();
    expect(leaks(stored, SECRET)).toEqual([]);
    expect(leaks(stored, SAID)).toEqual(['span_content']);
    const rows = await db.rows<{ span: string; key: string; value: string }>(
      `SELECT s.SpanName AS span, c.Key AS key, c.Value AS value FROM ${db.name}.span_content AS c
       INNER JOIN ${db.name}.otel_traces AS s ON s.TraceId = c.TraceId AND s.SpanId = c.SpanId ORDER BY span, key, length(value)`,
    );
    const said = `${SAID} but [redacted key]`;
    expect(rows.map(({ span, key, value }) => [span, key, value])).toEqual([
      ['chat m', 'gen_ai.input.messages', `[{"role":"user","content":"${said}"}]`],
      ['chat m', 'gen_ai.output.messages', said],
      ['chat m', 'gen_ai.system_instructions', said],
      ['execute_tool lookup', 'gen_ai.tool.call.arguments', `{"query":"${said}"}`],
      ['execute_tool lookup', 'gen_ai.tool.call.result', said],
      ['invoke_agent talker', 'gen_ai.input.messages', said],
      ['invoke_agent talker', 'gen_ai.output.messages', `${said}!`],
      ['publish leaks.told', 'messaging.message.body', said],
      ['renamed [redacted key]', 'ai.prompt.messages', said],
      ['renamed [redacted key]', 'gen_ai.prompt.0.content', said],
      ['renamed [redacted key]', 'gen_ai.user.message.content', said],
      ['renamed [redacted key]', 'input.value', SAID],
      ['renamed [redacted key]', 'input.value', said],
      ['request leaks.ask', 'messaging.message.body', said],
    ]);
  });

  it('is forgotten before its spans are', async () => {
    const own = await clickhouse.database();
    const [table] = await own.rows<{ ddl: string }>(
      `SELECT create_table_query ddl FROM system.tables WHERE database = '${own.name}' AND name = 'span_content'`,
    );
    expect(table!.ddl).toMatch(/TTL toDateTime\(Timestamp\) \+ toIntervalDay\(14\)/);
  });
});

describe('baggage', () => {
  it('brings the conversation to every agent, and listed keys to every span, over the bus', async () => {
    await start({ baggageAttributes: ['tenant'] });
    nc!.subscribe('talk.ask', {
      callback: (_, m) =>
        void invokeAgent('far', async () => {
          await executeTool('look', async () => 1);
          m.respond('ok');
        }),
    });
    const bag = propagation.createBaggage({ tenant: { value: 'acme' }, other: { value: 'no' } });
    await context.with(propagation.setBaggage(context.active(), bag), () =>
      invokeAgent({ name: 'near', conversationId: 'c-42' }, () => nc!.request('talk.ask', 'hi', { timeout: 5000 })),
    );
    await tracing!.shutdown();
    const rows = await db.rows<{ name: string; c: string; t: string; o: string }>(
      `SELECT SpanName name, SpanAttributes['gen_ai.conversation.id'] c, SpanAttributes['tenant'] t, SpanAttributes['other'] o
       FROM ${db.name}.otel_traces ORDER BY name`,
    );
    expect(rows).toEqual([
      { name: 'execute_tool look', c: 'c-42', t: 'acme', o: '' },
      { name: 'invoke_agent far', c: 'c-42', t: 'acme', o: '' },
      { name: 'invoke_agent near', c: 'c-42', t: 'acme', o: '' },
      { name: 'process talk.ask', c: '', t: 'acme', o: '' },
      { name: 'request talk.ask', c: '', t: 'acme', o: '' },
    ]);
  });
});
