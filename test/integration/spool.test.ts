import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer, request, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createTracing, InvalidOptionError, type Tracing } from '../../src/index.js';
import { testDatabase, type TestDatabase } from '../servers/clickhouse.js';

let db: TestDatabase;
/** Stands before ClickHouse: passes everything on, or nothing. */
let gate: Server;
let url: string;
let open = true;
let spoolDir: string;
beforeAll(async () => {
  db = await testDatabase();
  gate = createServer((incoming, outgoing) => {
    if (!open) return void outgoing.destroy();
    const { method, headers } = incoming;
    const onward = request(`${db.url}${incoming.url}`, { method, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    onward.on('error', () => outgoing.destroy());
    incoming.pipe(onward);
  }).listen(0, '127.0.0.1');
  await once(gate, 'listening');
  url = `http://127.0.0.1:${(gate.address() as AddressInfo).port}`;
});
afterAll(async () => {
  gate?.closeAllConnections();
  gate?.close();
  await db?.stop();
});
beforeEach(() => {
  open = true;
  spoolDir = mkdtempSync(join(tmpdir(), 'spanbus-spool-'));
});
afterEach(() => rmSync(spoolDir, { recursive: true, force: true }));

const start = (queue: object = {}): Tracing =>
  createTracing({ service: 'spooled', clickhouse: { url, database: db.database }, queue: { spoolDir, ...queue } });
const spans = (tracing: Tracing, name: string, count: number): void => {
  for (let i = 0; i < count; i++) tracing.tracer.startSpan(name).end();
};
const files = (): string[] =>
  readdirSync(spoolDir, { recursive: true, encoding: 'utf8' }).filter((name) => name.endsWith('.batch'));
const storedAs = async (name: string): Promise<number> => {
  const [row] = await db.rows<{ n: string }>(`SELECT count() n FROM {db}.otel_traces WHERE SpanName = '${name}'`);
  return Number(row!.n);
};
const generous = { timeout: 30_000 };

describe('a spool', () => {
  it('takes batches while ClickHouse is away, and sends them in order when it is back', async () => {
    const tracing = start();
    open = false;
    for (const round of [1, 2, 3]) {
      spans(tracing, `outage ${round}`, 10 * round);
      await tracing.forceFlush();
    }
    expect(files().length).toBeGreaterThanOrEqual(3);
    expect(tracing.stats().export).toMatchObject({ spooled: 60, exported: 0, queued: 0 });
    open = true;
    await expect.poll(() => tracing.stats().export.exported, generous).toBe(60);
    spans(tracing, 'outage over', 1);
    await tracing.shutdown();
    expect(tracing.stats().export).toMatchObject({ spooled: 0, exported: 61, dropped: { rejected: 0, shutdown: 0 } });
    expect(files()).toEqual([]);
    expect(await Promise.all([1, 2, 3].map((round) => storedAs(`outage ${round}`)))).toEqual([10, 20, 30]);
    const order = await db.rows<{ SpanName: string }>(
      `SELECT SpanName FROM {db}.otel_traces WHERE SpanName LIKE 'outage %' GROUP BY SpanName ORDER BY min(InsertedAt), SpanName`,
    );
    expect(order.map((row) => row.SpanName)).toEqual(['outage 1', 'outage 2', 'outage 3', 'outage over']);
  });

  it('holds what a process had not stored when it ended, for the next one', async () => {
    open = false;
    const first = start();
    spans(first, 'left behind', 25);
    await first.shutdown(300);
    expect(first.stats().export).toMatchObject({ exported: 0, spooled: 25, dropped: { shutdown: 0 } });
    open = true;
    const second = start();
    await expect.poll(() => second.stats().export.exported, generous).toBe(25);
    await second.shutdown();
    expect(await storedAs('left behind')).toBe(25);
    expect(files()).toEqual([]);
  });

  it('outlives a kill -9', async () => {
    open = false;
    const index = join(import.meta.dirname, '../../src/index.ts');
    const options = { service: 'killed', clickhouse: { url, database: db.database }, queue: { spoolDir } };
    const program = `
      const { createTracing } = await import(${JSON.stringify(index)});
      const tracing = createTracing(${JSON.stringify(options)});
      for (let i = 0; i < 40; i++) tracing.tracer.startSpan('before the kill').end();
      await tracing.forceFlush();
      process.kill(process.pid, 'SIGKILL');`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: 'ignore',
    });
    await once(child, 'close');
    expect(child.signalCode).toBe('SIGKILL');
    expect(files()).toHaveLength(1);
    open = true;
    const next = start();
    await expect.poll(() => next.stats().export.spooled, generous).toBe(0);
    await next.shutdown();
    expect(await storedAs('before the kill')).toBe(40);
  });

  it('stores a batch once, though two processes find it', async () => {
    open = false;
    const first = start();
    spans(first, 'found twice', 30);
    await first.shutdown(300);
    open = true;
    const both = [start(), start()];
    await expect.poll(() => files(), generous).toEqual([]);
    await Promise.all(both.map((tracing) => tracing.shutdown()));
    expect(await storedAs('found twice')).toBe(30);
  });

  it('stays within its bytes; what it has no room for waits in memory', async () => {
    const tracing = start({ maxSpoolBytes: 4_000 });
    open = false;
    for (let i = 0; i < 6; i++) {
      spans(tracing, 'too much', 10);
      await tracing.forceFlush(300).catch(() => undefined);
    }
    const { spooled, queued } = tracing.stats().export;
    expect(spooled).toBeGreaterThan(0);
    expect(spooled + queued).toBe(60);
    expect(queued).toBeGreaterThan(0);
    const bytes = files().reduce((sum, file) => sum + statSync(join(spoolDir, file)).size, 0);
    expect(bytes).toBeLessThanOrEqual(4_000);
    open = true;
    await tracing.forceFlush();
    await expect.poll(() => tracing.stats().export.exported, generous).toBe(60);
    await tracing.shutdown();
    expect(await storedAs('too much')).toBe(60);
  });

  it('leaves out a file that is not whole, counts it, and goes on', async () => {
    open = false;
    const first = start();
    spans(first, 'behind the torn one', 5);
    await first.shutdown(300);
    const [whole] = files();
    writeFileSync(join(spoolDir, whole!.replace(/\d{14}-/, '00000000000001-')), 'torn');
    open = true;
    const next = start();
    await expect.poll(() => files(), generous).toEqual([]);
    await next.shutdown();
    expect(next.stats().export).toMatchObject({ exported: 5, spooled: 0, dropped: { rejected: 5 } });
    expect(await storedAs('behind the torn one')).toBe(5);
  });

  it('is for its owner only, and refused where it cannot be', async () => {
    open = false;
    const tracing = start();
    spans(tracing, 'private', 1);
    await tracing.shutdown(300);
    const [file] = files();
    expect(existsSync(join(spoolDir, file!))).toBe(true);
    expect(statSync(join(spoolDir, file!)).mode & 0o077).toBe(0);
    expect(() => start({ spoolDir: join(spoolDir, file!) })).toThrow(InvalidOptionError);
  });
});
