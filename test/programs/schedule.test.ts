import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { connect } from '../../src/clickhouse/client.js';
import { startEmbedded, type EmbeddedServer } from '../../src/clickhouse/embedded.js';
import { migrate } from '../../src/clickhouse/migrate.js';
import { removeOld, reportName } from '../../src/schedule/reports.js';
import { startCli, type RunningCli } from '../support/cli.js';
import { TestDatabase } from '../support/clickhouse.js';

const open: { close: () => Promise<unknown> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

async function directory(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'spanbus-schedule-'));
  open.push({ close: () => rm(dir, { recursive: true, force: true }) });
  return dir;
}

async function server(options: { dataDir: string; port?: number }): Promise<EmbeddedServer> {
  const started = await startEmbedded(options);
  open.push(started);
  return started;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await new Promise((up) => probe.once('listening', up));
  const { port } = probe.address() as AddressInfo;
  await new Promise((closed) => probe.close(closed));
  return port;
}

async function database(url: string): Promise<TestDatabase> {
  const client = connect({ url });
  open.push(client);
  await migrate(client, { database: 'spanbus' });
  return new TestDatabase(client, 'spanbus', url);
}

function scheduler(url: string, reports: string, ...more: string[]): RunningCli {
  const at = ['--url', url, '--database', 'spanbus', '--reports-dir', reports];
  const cli = startCli([
    'jobs',
    'schedule',
    '--every',
    '* * * * * *',
    '--from',
    '2026-11-01T12:00:00Z',
    ...more,
    ...at,
  ]);
  open.push({ close: async () => (cli.child.kill('SIGKILL'), cli.ended) });
  return cli;
}

const latest = (reports: string, file: string) => readFile(join(reports, 'latest', file), 'utf8').catch(() => '');
const health = async (port: number) => {
  const response = await fetch(`http://127.0.0.1:${port}/`);
  const body = (await response.json()) as { lastRun: { spans: number; error?: string } | null; nextRun: string };
  return { ...body, status: response.status };
};
const within = { timeout: 30_000, interval: 100 };

describe('jobs schedule', () => {
  it('writes whole reports, tells its health, outlives its ClickHouse, catches up, and ends on SIGTERM', async () => {
    const [reports, dataDir, port] = [await directory(), await directory(), await freePort()];
    const first = await server({ dataDir });
    const db = await database(first.url);
    await db.insert([{ trace: 't', id: 'a', at: 0, ms: 10 }]);
    const cli = scheduler(first.url, reports, '--health-port', String(port));

    await expect.poll(() => latest(reports, 'flame.folded'), within).toBe('a: work 10000\n');
    const names = ['flame.folded', 'flame.html', 'graph.html', 'graph.json', 'report.html'];
    expect((await readdir(join(reports, 'latest'))).sort()).toEqual(names);
    expect(JSON.parse(await latest(reports, 'graph.json'))).toMatchObject({ edges: [{ callee: 'a', calls: 1 }] });
    expect(await latest(reports, 'report.html')).toContain('<!doctype html>');
    expect(await health(port)).toMatchObject({ status: 200, lastRun: { spans: expect.any(Number) as number } });

    await first.close();
    await expect.poll(() => health(port), within).toMatchObject({ status: 503 });
    expect((await health(port)).lastRun?.error).toMatch(/does not answer|closed the connection/);
    const written = (await readdir(reports)).filter((name) => name.startsWith('20')).length;
    const again = await server({ dataDir, port: first.port });
    await db.insert([{ trace: 'u', id: 'a', at: 0, ms: 5 }]);
    await expect.poll(() => latest(reports, 'flame.folded'), within).toBe('a: work 15000\n');
    await expect.poll(() => health(port), within).toMatchObject({ status: 200 });
    expect((await readdir(reports)).filter((name) => name.startsWith('20')).length).toBeGreaterThan(written);

    const asked = Date.now();
    cli.child.kill('SIGTERM');
    expect((await cli.ended).code).toBe(0);
    expect(Date.now() - asked).toBeLessThan(5000);
    expect((await readdir(reports)).filter((name) => name.startsWith('.'))).toEqual([]);
    for (const line of cli.said().trim().split('\n')) expect(line).toMatch(/^spanbus: /);
    await again.close();
  });

  it('shares a database and a directory with others, also when one is killed while it writes', async () => {
    const reports = await directory();
    const { url } = await server({ dataDir: await directory() });
    const db = await database(url);
    await db.insert([{ trace: 't', id: 'a', at: 0, ms: 10 }]);
    const others = Array.from({ length: 2 }, () => scheduler(url, reports));
    await expect.poll(() => existsSync(join(reports, 'latest')), within).toBe(true);
    others[0]?.child.kill('SIGKILL');
    const before = (await readdir(reports)).length;
    await expect.poll(async () => (await readdir(reports)).length, within).toBeGreaterThan(before);
    for (const name of (await readdir(reports)).filter((one) => !one.startsWith('.'))) {
      expect((await readdir(join(reports, name))).length, name).toBe(5);
      expect(await readFile(join(reports, name, 'flame.folded'), 'utf8')).toBe('a: work 10000\n');
    }
  });

  it('keeps the newest reports, or those of some days, and no file of others is touched', async () => {
    const dir = await directory();
    const now = Date.UTC(2026, 10, 22, 6);
    const days = [0, 1, 2, 3].map((ago) => reportName(now - ago * 86_400_000));
    for (const name of [...days, 'mine', '.unfinished-old', '.unfinished-new']) await mkdir(join(dir, name));
    await writeFile(join(dir, 'notes.txt'), '');
    await utimes(join(dir, '.unfinished-old'), now / 1000 - 7200, now / 1000 - 7200);
    await utimes(join(dir, '.unfinished-new'), now / 1000, now / 1000);
    await removeOld(dir, { days: 2 }, now);
    const others = ['.unfinished-new', 'mine', 'notes.txt'];
    expect((await readdir(dir)).sort()).toEqual([...days.slice(0, 3), ...others].sort());
    await removeOld(dir, { newest: 1 }, now);
    expect((await readdir(dir)).sort()).toEqual([...days.slice(0, 1), ...others].sort());
  });
});
