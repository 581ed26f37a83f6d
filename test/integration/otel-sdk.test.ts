import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { context, propagation, SpanStatusCode, trace, type Span } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { InMemorySpanExporter, SimpleSpanProcessor, type SpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { connect } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { traceNats } from '../../adapters/nats/index.js';
import {
  executeTool,
  inference,
  invokeAgent,
  keep,
  propagator,
  recordReasoning,
  recordUsage,
  SpanbusSpanProcessor,
  type TracingOptions,
} from '../../src/index.js';
import { sharedNats } from '../servers/shared-nats.js';
import { useClickHouse, type TestDatabase } from '../support/clickhouse.js';

const clickhouse = useClickHouse();
let db: TestDatabase;
let nats: Awaited<ReturnType<typeof sharedNats>>;
const ends: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  nats = await sharedNats();
  db = await clickhouse.database();
});
afterAll(() => nats?.stop());
afterEach(async () => {
  for (const end of ends.splice(0)) await end();
  trace.disable();
  context.disable();
  propagation.disable();
});

/** A program with the SDK of OpenTelemetry, into which ours is plugged. */
function startSdk(options: TracingOptions = {}) {
  const spanbus = new SpanbusSpanProcessor({ clickhouse: { url: db.url, database: db.name }, ...options });
  const theirs = new InMemorySpanExporter();
  // the interface of the SDK, by the compiler's word
  const processor: SpanProcessor = spanbus;
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'sdk-service', 'host.name': Promise.resolve('h7') }),
    sampler: spanbus.sampler,
    spanProcessors: [new SimpleSpanProcessor(theirs), processor],
  });
  provider.register({ propagator, contextManager: new AsyncLocalStorageContextManager() });
  ends.push(() => provider.shutdown());
  const flush = () => provider.forceFlush();
  return { spanbus, theirs, provider, flush, tracer: provider.getTracer('mine', '3') };
}

const rowsOf = (traceId: string) =>
  db.rows<Record<string, unknown>>(
    `SELECT *, InputTokens FROM ${db.name}.otel_traces WHERE TraceId = '${traceId}' ORDER BY Timestamp, SpanName`,
  );

/** Another process with the SDK and our processor, which answers on `sdk.far` and is done when its stdin closes. */
const FAR = `
  import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
  import { resourceFromAttributes } from '@opentelemetry/resources';
  import { connect } from '@nats-io/transport-node';
  import { traceNats } from './adapters/nats/index.ts';
  import { executeTool, propagator, SpanbusSpanProcessor } from './src/index.ts';
  const [url, database, servers] = process.argv.slice(1);
  const spanbus = new SpanbusSpanProcessor({ clickhouse: { url, database }, sampling: { ratio: 0 } });
  const provider = new NodeTracerProvider({
    resource: resourceFromAttributes({ 'service.name': 'far-service' }),
    sampler: spanbus.sampler,
    spanProcessors: [spanbus],
  });
  provider.register({ propagator });
  const nc = traceNats(await connect({ servers }));
  nc.subscribe('sdk.far', { callback: (_, m) => executeTool('far tool', () => void m.respond('fine')) });
  await nc.flush();
  console.log('ready');
  process.stdin.resume().on('end', async () => { await nc.drain(); await provider.shutdown(); });
`;

describe('a program with OpenTelemetry’s SDK', () => {
  it('has our adapters’ and agents’ spans in its own trace, and all of them in ClickHouse', async () => {
    const { theirs, flush, tracer } = startSdk();
    const nc = traceNats(await connect({ servers: nats.url }));
    nc.subscribe('sdk.ask', { callback: (_, m) => void invokeAgent('answerer', () => m.respond('yes')) });
    const traceId = await tracer.startActiveSpan('request in', async (span: Span) => {
      await invokeAgent('asker', async () => {
        await inference({ model: 'm-1' }, async () => {
          recordUsage({ inputTokens: 11, outputTokens: 7 });
          recordReasoning('ask them');
        });
        await executeTool('ask', () => nc.request('sdk.ask', 'well?'));
      });
      span.end();
      return span.spanContext().traceId;
    });
    await nc.close();
    await flush();
    const names = theirs.getFinishedSpans().map((s) => s.name);
    expect(names.sort()).toEqual([
      'chat m-1',
      'execute_tool ask',
      'invoke_agent answerer',
      'invoke_agent asker',
      'process sdk.ask',
      'request in',
      'request sdk.ask',
    ]);
    const rows = await rowsOf(traceId);
    expect(rows.map((r) => r['SpanName']).sort()).toEqual(names);
    const byName = new Map(rows.map((r) => [r['SpanName'], r]));
    for (const their of theirs.getFinishedSpans()) {
      const row = byName.get(their.name)!;
      const ms = (time: [number, number]) => time[0] * 1e3 + time[1] / 1e6;
      expect(row).toMatchObject({
        SpanId: their.spanContext().spanId,
        ParentSpanId: their.parentSpanContext?.spanId ?? '',
        ServiceName: 'sdk-service',
        ScopeName: their.instrumentationScope.name,
        Weight: 1,
      });
      expect(Number(row['Duration']) / 1e6).toBeCloseTo(ms(their.endTime) - ms(their.startTime), 2);
    }
    expect(byName.get('request in')).toMatchObject({
      ScopeVersion: '3',
      ResourceAttributes: { 'service.name': 'sdk-service', 'host.name': 'h7' },
    });
    expect(byName.get('chat m-1')).toMatchObject({ InputTokens: 11, 'Events.Name': ['reasoning'] });
  });

  it('has a trace kept whole that failed, though the head did not sample it', async () => {
    const { spanbus, theirs, flush, tracer } = startSdk({ sampling: { ratio: 0 } });
    tracer.startActiveSpan('fine', (s) => s.end());
    const traceId = tracer.startActiveSpan('root', (root) => {
      tracer.startActiveSpan('before', (s) => s.end());
      tracer.startActiveSpan('failed', (s) => {
        s.setStatus({ code: SpanStatusCode.ERROR, message: 'no' });
        s.end();
      });
      root.end();
      return root.spanContext().traceId;
    });
    await flush();
    // recorded for us, sampled for nobody else
    expect(theirs.getFinishedSpans()).toEqual([]);
    expect(spanbus.stats().sampling).toMatchObject({ ended: 4, buffered: 1, kept: { error: 1 } });
    expect((await rowsOf(traceId)).map((r) => [r['SpanName'], r['KeepReason']]).sort()).toEqual([
      ['before', ''],
      ['failed', 'error'],
      ['root', ''],
    ]);
  });

  it('has a trace kept whole in a process that was done with it before it failed', async () => {
    const tsx = createRequire(import.meta.url).resolve('tsx');
    const args = ['--import', tsx, '--input-type=module', '-e', FAR, db.url, db.name, nats.url];
    const far = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] });
    ends.push(async () => far.kill());
    const exit = once(far, 'exit');
    await Promise.race([
      once(far.stdout, 'data'),
      exit.then(([code]) => Promise.reject(new Error(`the other process ended with ${code}`))),
    ]);
    const { flush, tracer } = startSdk({ sampling: { ratio: 0 } });
    const nc = traceNats(await connect({ servers: nats.url }));
    const ask = (name: string, code: SpanStatusCode) =>
      tracer.startActiveSpan(name, async (span: Span) => {
        await nc.request('sdk.far', '', { timeout: 20_000 });
        span.setStatus({ code }).end();
        return span.spanContext().traceId;
      });
    const fine = await ask('fine', SpanStatusCode.OK);
    const failed = await ask('fails at last', SpanStatusCode.ERROR);
    // the keep goes out with what else is published, and is there before the other process drains
    await flush();
    await vi.waitFor(async () => expect(await rowsOf(failed)).toHaveLength(4), { timeout: 20_000, interval: 100 });
    far.stdin.end();
    expect(await exit).toEqual([0, null]);
    await nc.close();
    const rows = await rowsOf(failed);
    expect(rows.map((r) => [r['SpanName'], r['ServiceName'], r['KeepReason']]).sort()).toEqual([
      ['execute_tool far tool', 'far-service', ''],
      ['fails at last', 'sdk-service', 'error'],
      ['process sdk.far', 'far-service', ''],
      ['request sdk.far', 'sdk-service', ''],
    ]);
    expect(await rowsOf(fine)).toEqual([]);
  });

  it('keeps what the user wants kept, and samples by ratio with its weight', async () => {
    const { flush, tracer } = startSdk({ sampling: { ratio: 0.5 } });
    for (let i = 0; i < 64; i++) tracer.startSpan('half').end();
    const chosen = tracer.startActiveSpan('chosen', (span) => {
      keep('looks_odd');
      span.end();
      return span.spanContext().traceId;
    });
    await flush();
    const [half] = await db.rows<{ n: number; w: number }>(
      `SELECT count() n, avg(Weight) w FROM ${db.name}.otel_traces WHERE SpanName = 'half'`,
    );
    expect(half!.w).toBe(2);
    expect(half!.n).toBeGreaterThan(10);
    expect(half!.n).toBeLessThan(54);
    expect(await rowsOf(chosen)).toMatchObject([{ KeepReason: 'looks_odd' }]);
  });

  it('has listed baggage on its spans, and neither prompts nor secrets in them', async () => {
    const { flush, tracer, theirs } = startSdk({ baggageAttributes: ['tenant'] });
    const baggage = propagation.createBaggage({ tenant: { value: 'acme' }, other: { value: 'x' } });
    const traceId = context.with(propagation.setBaggage(context.active(), baggage), () => {
      const span = tracer.startSpan('prompted', {
        attributes: { 'input.value': 'planted words', plain: 'yes', mail: 'a@example.org' },
      });
      span.end();
      return span.spanContext().traceId;
    });
    await flush();
    expect((await rowsOf(traceId))[0]!['SpanAttributes']).toEqual({
      tenant: 'acme',
      plain: 'yes',
      mail: '[redacted e-mail]',
    });
    // what other processors do with it is theirs
    expect(theirs.getFinishedSpans()[0]!.attributes['input.value']).toBe('planted words');
  });
});
