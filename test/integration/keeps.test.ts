import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createRequire } from 'node:module';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { traceNats } from '../../adapters/nats/index.js';
import { createTracing, keepHub, type Tracing } from '../../src/index.js';
import { encodeKeeps } from '../../src/sampling/keep-message.js';
import { testDatabase, type TestDatabase } from '../servers/clickhouse.js';
import { sharedNats } from '../servers/shared-nats.js';

let db: TestDatabase;
let nats: Awaited<ReturnType<typeof sharedNats>>;
beforeAll(async () => {
  db = await testDatabase();
  nats = await sharedNats();
});
afterAll(async () => {
  await nats?.stop();
  await db?.stop();
});

const start = (): Tracing =>
  createTracing({
    service: 'keeps',
    sampling: { ratio: 0 },
    clickhouse: { url: db.url, database: db.database },
  });

async function stored(name: string): Promise<number> {
  const [row] = await db.rows<{ n: string }>(`SELECT count() n FROM {db}.otel_traces WHERE SpanName = '${name}'`);
  return Number(row!.n);
}

describe('a keep', () => {
  it('that the bus lost is found in ClickHouse, by a process on no bus at all', async () => {
    const bystander = start();
    const span = bystander.tracer.startSpan('bystander');
    span.end();
    const { traceId } = span.spanContext();
    await db.client.insert({
      table: `${db.database}.trace_keeps`,
      values: [{ TraceId: traceId, Reason: 'error', ServiceName: 'elsewhere' }],
      format: 'JSONEachRow',
    });
    await sleep(4500);
    await bystander.forceFlush();
    expect(await stored('bystander')).toBe(1);
    await bystander.shutdown();
  });

  it('is written to ClickHouse by the process that decided it', async () => {
    const tracing = start();
    const span = tracing.tracer.startSpan('decided');
    span.setStatus({ code: SpanStatusCode.ERROR });
    span.end();
    await tracing.shutdown();
    const rows = await db.rows(`SELECT TraceId, Reason, Weight FROM {db}.trace_keeps WHERE ServiceName = 'keeps'`);
    expect(rows).toEqual([{ TraceId: span.spanContext().traceId, Reason: 'error', Weight: 1 }]);
  });

  it('that comes as the process ends still saves what is buffered; the rest is counted exactly', async () => {
    const tracing = start();
    const [saved, lost] = [tracing.tracer.startSpan('saved at the end'), tracing.tracer.startSpan('never stored')];
    lost.setAttribute('gen_ai.usage.input_tokens', 7);
    saved.end();
    lost.end();
    await db.client.insert({
      table: `${db.database}.trace_keeps`,
      values: [{ TraceId: saved.spanContext().traceId, Reason: 'error', ServiceName: 'elsewhere' }],
      format: 'JSONEachRow',
    });
    await tracing.shutdown();
    expect(await stored('saved at the end')).toBe(1);
    expect(await stored('never stored')).toBe(0);
    const totals = await db.rows(
      `SELECT toUInt32(sum(Calls)) calls, toUInt32(sum(InputTokens)) tokens FROM {db}.unstored_spans WHERE SpanName = 'never stored'`,
    );
    expect(totals).toEqual([{ calls: 1, tokens: 7 }]);
  });

  it('of a trace that was evicted before is noted as missed', async () => {
    const tracing = createTracing({
      service: 'small',
      sampling: { ratio: 0, bufferBytes: 2_000 },
      clickhouse: { url: db.url, database: db.database },
    });
    const early = tracing.tracer.startSpan('early');
    early.end();
    for (let i = 0; i < 200; i++) tracing.tracer.startSpan('later').end();
    keepHub().receive(
      encodeKeeps({
        from: 'elsewhere',
        at: Date.now(),
        share: 1,
        keeps: [{ traceId: early.spanContext().traceId, reason: 'error', weight: 1 }],
      }),
    );
    await tracing.shutdown();
    expect(tracing.stats().sampling.missed).toBe(1);
    const rows = await db.rows(`SELECT TraceId, Why FROM {db}.trace_misses WHERE ServiceName = 'small'`);
    expect(rows).toEqual([{ TraceId: early.spanContext().traceId, Why: 'evicted' }]);
  });

  it('travels to a caller in the header of the reply, but not on an empty one', async () => {
    const tracing = start().register();
    const raw = await connect({ servers: nats.url });
    const nc = traceNats(await connect({ servers: nats.url }));
    for (const [subject, answer] of [
      ['keeps.full', 'sorry'],
      ['keeps.empty', ''],
    ] as const) {
      nc.subscribe(subject, {
        callback: (_, message) => {
          tracing.tracer.startActiveSpan('failing', (span) => span.setStatus({ code: SpanStatusCode.ERROR }).end());
          message.respond(answer);
        },
      });
    }
    await nc.flush();
    expect((await raw.request('keeps.full')).headers?.get('spanbus-keep')).toBe('error');
    expect((await raw.request('keeps.empty')).headers).toBeUndefined();
    await nc.close();
    await raw.close();
    await tracing.shutdown();
  });
});

describe('an unhandled rejection', () => {
  it('that ends a process still does, and one that the program handles has its trace kept', async () => {
    const program = (handled: boolean): string => `
      import { createTracing } from './src/index.ts';
      const rows = [];
      const sink = { send: async (batch) => void rows.push(...batch.spans), close: async () => {} };
      const tracing = createTracing({ service: 'x', sink, sampling: { ratio: 0 } }).register();
      ${handled ? "process.on('unhandledRejection', () => {});" : ''}
      tracing.tracer.startActiveSpan('doomed', async (span) => {
        void Promise.reject(new Error('nobody cares'));
        await new Promise((resolve) => setTimeout(resolve, 20));
        span.end();
        await tracing.shutdown();
        console.log(rows.map((row) => row.span.name + ' ' + row.span.keepReason).join());
      });`;
    const run = async (handled: boolean) => {
      const tsx = createRequire(import.meta.url).resolve('tsx');
      const child = spawn(process.execPath, ['--import', tsx, '--input-type=module', '-e', program(handled)]);
      let out = '';
      child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
      const [code] = (await once(child, 'close')) as [number];
      return { code, out: out.trim() };
    };
    expect(await run(true)).toEqual({ code: 0, out: 'doomed unhandled_rejection' });
    expect((await run(false)).code).toBe(1);
  });
});
