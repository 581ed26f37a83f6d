import { spawn } from 'node:child_process';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { once } from 'node:events';
import { join } from 'node:path';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTracing, ExportError } from '../../src/index.js';
import type { SpanbusSpan } from '../../src/trace/span.js';
import { testDatabase, type TestDatabase } from '../servers/clickhouse.js';

let db: TestDatabase;
beforeAll(async () => {
  db = await testDatabase();
});
afterAll(() => db?.stop());

const tracingFor = (url = db.url, database = db.database) =>
  createTracing({ service: 'exporter', resource: { 'host.name': 'h1' }, clickhouse: { url, database } });

describe('an exported span', () => {
  it('is in otel_traces as OpenTelemetry would have it there', async () => {
    const tracing = tracingFor();
    const parent = tracing.tracer.startSpan('parent; "quoted" \u{1f525}\n');
    const started = Date.now();
    const span = tracing.tracer.startSpan(
      'child',
      { kind: SpanKind.CLIENT, attributes: { text: 'x', count: 3, list: ['a', 'b'], yes: true } },
      trace.setSpan(ROOT_CONTEXT, parent),
    );
    span.addEvent('happened', { why: 'because' });
    span.addLink({ context: parent.spanContext(), attributes: { linked: 1 } });
    span.setStatus({ code: SpanStatusCode.ERROR, message: 'broken' });
    span.setAttribute('gen_ai.usage.input_tokens', 42);
    span.end(new Date(started + 250));
    parent.end();
    await tracing.shutdown();
    const [row] = await db.rows<Record<string, unknown>>(
      `SELECT *, InputTokens, toUnixTimestamp64Milli(Timestamp) AS ms FROM {db}.otel_traces WHERE SpanName = 'child'`,
    );
    expect(row).toMatchObject({
      TraceId: span.spanContext().traceId,
      SpanId: span.spanContext().spanId,
      ParentSpanId: parent.spanContext().spanId,
      TraceState: 'ot=th:0',
      SpanKind: 'Client',
      ServiceName: 'exporter',
      ResourceAttributes: { 'host.name': 'h1', 'service.name': 'exporter' },
      ScopeName: 'spanbus',
      SpanAttributes: { text: 'x', count: '3', list: '["a","b"]', yes: 'true', 'gen_ai.usage.input_tokens': '42' },
      StatusCode: 'Error',
      StatusMessage: 'broken',
      'Events.Name': ['happened'],
      'Events.Attributes': [{ why: 'because' }],
      'Links.TraceId': [parent.spanContext().traceId],
      'Links.Attributes': [{ linked: '1' }],
      Weight: 1,
      KeepReason: 'error',
    });
    expect(Number(row!['InputTokens'])).toBe(42);
    expect(Math.abs(Number(row!['ms']) - started)).toBeLessThan(60);
    expect(Math.abs(Number(row!['Duration']) / 1e6 - 250)).toBeLessThan(60);
    const [named] = await db.rows<{ SpanName: string }>(
      `SELECT SpanName FROM {db}.otel_traces WHERE ParentSpanId = '' LIMIT 1`,
    );
    expect(named!.SpanName).toBe('parent; "quoted" \u{1f525}\n');
  });

  it('carries the weight of its head sampling', async () => {
    const tracing = createTracing({
      service: 'weighted',
      sampling: { ratio: 0.25 },
      clickhouse: { url: db.url, database: db.database },
    });
    for (let i = 0; i < 400; i++) tracing.tracer.startSpan('root').end();
    await tracing.shutdown();
    const [row] = await db.rows<{ n: string; w: number; states: string[] }>(
      `SELECT count() n, avg(Weight) w, groupUniqArray(TraceState) states FROM {db}.otel_traces WHERE ServiceName = 'weighted'`,
    );
    expect(Number(row!.n)).toBeGreaterThan(50);
    expect(Number(row!.n)).toBeLessThan(150);
    expect(row).toMatchObject({ w: 4, states: ['ot=th:c'] });
  });

  it('is stored once, though its batch is sent again after the answer was lost', async () => {
    // a proxy that loses the first answer
    let lost = 0;
    const proxy = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const { host: _, ...headers } = request.headers as Record<string, string>;
        void fetch(`${db.url}${request.url}`, {
          method: 'POST',
          body: Buffer.concat(chunks),
          headers: pick(headers),
        }).then(async (answer) => {
          const text = await answer.text();
          if (lost++ === 0) response.destroy();
          else response.writeHead(answer.status, { 'x-clickhouse-query-id': 'passed-on' }).end(text);
        });
      });
    });
    const tracing = tracingFor(await listen(proxy));
    for (let i = 0; i < 50; i++) tracing.tracer.startSpan('once').end();
    await tracing.forceFlush();
    await tracing.shutdown();
    proxy.close();
    expect(tracing.stats().export).toMatchObject({ exported: 50, retries: 1 });
    expect(lost).toBe(2);
    const [row] = await db.rows<{ n: string }>(`SELECT count() n FROM {db}.otel_traces WHERE SpanName = 'once'`);
    expect(Number(row!.n)).toBe(50);
  });
});

function pick(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([key]) => /^(authorization|content-type)$/.test(key)));
}

async function listen(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('a span that no server takes', () => {
  it('does not take its batch with it', async () => {
    const tracing = tracingFor();
    const { recorder } = tracing.provider;
    for (let i = 0; i < 100; i++) {
      const one = tracing.tracer.startSpan('one of a hundred') as SpanbusSpan;
      one.end();
      // as another SDK might hand it over: nothing has cleaned it
      const { traceId, traceFlags, traceState, kind, startTime, endTime, tracer, name, attributes } = one;
      const { events, links, status, keepReason } = one;
      const known = { traceId, traceFlags, traceState, kind, startTime, endTime, tracer, name, attributes };
      if (i === 50) recorder.onEnd({ ...known, events, links, status, keepReason } as unknown as SpanbusSpan);
    }
    await tracing.shutdown();
    expect(tracing.stats().export).toMatchObject({ exported: 100, dropped: { rejected: 1 } });
    const [row] = await db.rows<{ n: string }>(
      `SELECT count() n FROM {db}.otel_traces WHERE SpanName = 'one of a hundred'`,
    );
    expect(Number(row!.n)).toBe(100);
  });
});

/** Runs a program that traces to `url` and is done at once; how it ended, and how long that took beyond loading. */
async function runProgram(url: string, last: string): Promise<{ code: number | null; ms: number; said: string }> {
  const index = join(import.meta.dirname, '../../src/index.ts');
  const program = `
    const { createTracing } = await import(${JSON.stringify(index)});
    const tracing = createTracing({ service: 'done' }).register();
    tracing.tracer.startSpan('last').end();
    console.log('done');
    ${last}`;
  const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
    env: { ...process.env, CLICKHOUSE_URL: url },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(child.stdout, 'data');
  const began = Date.now();
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ms: Date.now() - began, said };
}

describe('a server that accepts and never answers', { concurrent: true }, () => {
  const silent = createServer((request) => request.resume());
  let url: string;
  beforeAll(async () => {
    url = await listen(silent);
  });
  afterAll(() => {
    silent.closeAllConnections();
    silent.close();
  });

  it.each([
    ['is done', '', 5_000],
    ['is done while a batch is on its way', 'await new Promise((resolve) => setTimeout(resolve, 1500));', 6_500],
    ['shuts its tracing down', 'await tracing.shutdown(); console.log(tracing.stats().export.dropped)', 5_000],
    ['has a second of time', 'await tracing.shutdown(1000);', 1_000],
  ])('holds a program that %s no longer than the budget', async (_, last, budget) => {
    // with what a loaded machine adds; the requests alone would hold it for 30 s
    const { code, ms } = await runProgram(url, last);
    expect(code).toBe(0);
    expect(ms).toBeLessThan(budget + 10_000);
  });

  it('takes no more than the budget from a shutdown, which counts what was lost', async () => {
    const tracing = tracingFor(url);
    for (let i = 0; i < 7; i++) tracing.tracer.startSpan('lost').end();
    const began = Date.now();
    await tracing.shutdown(500);
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(tracing.stats().export).toMatchObject({ queued: 0, exported: 0, dropped: { shutdown: 7 } });
  });
});

describe('a server that cannot take spans', () => {
  /** What a flush says of the server, in one line; the spans wait. */
  async function failure(url: string, database = db.database): Promise<ExportError> {
    const tracing = tracingFor(url, database);
    tracing.tracer.startSpan('waiting').end();
    const error = await tracing.forceFlush(300).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ExportError);
    expect(tracing.stats().export).toMatchObject({ queued: 1, dropped: { queue_full: 0, rejected: 0, shutdown: 0 } });
    await tracing.shutdown(10);
    expect(tracing.stats().export.dropped.shutdown).toBe(1);
    return (error as ExportError).cause as ExportError;
  }

  it('refuses the connection', async () => {
    const closed = createServer();
    const url = await listen(closed);
    closed.close();
    const cause = await failure(url);
    expect(cause).toMatchObject({ code: 'UNREACHABLE' });
    expect(cause.message).toMatch(/^ClickHouse at http:\/\/127\.0\.0\.1:\d+ cannot be reached: ECONNREFUSED$/);
  });

  it.each([
    ['answers 401', 401, 'text/plain', 'Unauthorized', 'UNAUTHORIZED', /does not let user default in$/],
    ['answers HTML', 200, 'text/html', '<!DOCTYPE html><html>hello</html>', 'NOT_CLICKHOUSE', /is not ClickHouse/],
    ['answers 502 in HTML', 502, 'text/html', '<html>bad gateway</html>', 'NOT_CLICKHOUSE', /is not ClickHouse/],
    ['answers nothing but an error', 503, 'text/plain', 'busy', 'UNREACHABLE', /cannot be reached/],
  ])('%s', async (_, status, type, body, code, message) => {
    const server = createServer((request, response) => {
      request.resume();
      request.on('end', () => response.writeHead(status, { 'content-type': type }).end(body));
    });
    const cause = await failure(await listen(server));
    server.close();
    expect(cause.code).toBe(code);
    expect(cause.message).toMatch(message);
    expect(cause.message).not.toContain('\n');
  });

  it('has no schema', async () => {
    const cause = await failure(db.url, 'nowhere');
    expect(cause.code).toBe('NO_SCHEMA');
    expect(cause.message).toContain('spanbus migrate');
  });

  it('has a database name with a quote in it that does not exist', async () => {
    const cause = await failure(db.url, 'o\'brien`s "db"');
    expect(cause.code).toBe('NO_SCHEMA');
  });
});
