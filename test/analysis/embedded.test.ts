import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { startEmbedded, type EmbeddedServer } from '../../src/clickhouse/embedded.js';

const embedded = JSON.stringify(join(import.meta.dirname, '../../src/clickhouse/embedded.ts'));
const cleanups: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function start(options: Parameters<typeof startEmbedded>[0] = {}): Promise<EmbeddedServer> {
  const server = await startEmbedded(options);
  cleanups.push(() => server.close());
  return server;
}

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'spanbus-test-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

async function query(server: { url: string }, sql: string): Promise<string> {
  const response = await fetch(server.url, { method: 'POST', body: sql });
  return (await response.text()).trim();
}

describe('the embedded ClickHouse', () => {
  it('is a real server on loopback, and its temporary directory is gone after close', async () => {
    const server = await startEmbedded();
    expect(server.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect(await query(server, "SELECT value FROM system.server_settings WHERE name = 'path'")).toBe(server.dataDir);
    await server.close();
    expect(existsSync(server.dataDir)).toBe(false);
    await expect(fetch(`${server.url}/ping`)).rejects.toThrow();
  });

  it('keeps memory that was freed for a while, unless the program has its own setting for that', async () => {
    const allocatorOf = ({ pid }: EmbeddedServer): string | undefined =>
      /(?:^|\0)JE_MALLOC_CONF=([^\0]*)/.exec(readFileSync(`/proc/${pid}/environ`, 'utf8'))?.[1];
    vi.stubEnv('JE_MALLOC_CONF', undefined);
    cleanups.push(() => void vi.unstubAllEnvs());
    expect(allocatorOf(await start())).toBe('dirty_decay_ms:600000');
    vi.stubEnv('JE_MALLOC_CONF', 'dirty_decay_ms:100');
    expect(allocatorOf(await start())).toBe('dirty_decay_ms:100');
  });

  it('keeps its data when it is killed with -9 and started again on the same directory', async () => {
    const dataDir = temporaryFolder();
    const first = await start({ dataDir });
    await query(first, 'CREATE TABLE default.kept (n UInt64) ENGINE = MergeTree ORDER BY n');
    await query(first, 'INSERT INTO default.kept VALUES (42)');
    process.kill(first.pid, 'SIGKILL');
    await first.closed;
    const second = await start({ dataDir });
    expect(await query(second, 'SELECT n FROM default.kept')).toBe('42');
  });

  it('says in one line that another server runs on the directory', async () => {
    const { dataDir } = await start({ dataDir: temporaryFolder() });
    await expect(startEmbedded({ dataDir })).rejects.toMatchObject({
      code: 'data-in-use',
      message: expect.stringMatching(/^another ClickHouse already runs on [^\n]+$/) as string,
    });
  });

  it('says in one line that the port is in use', async () => {
    const { port } = await start();
    await expect(startEmbedded({ port })).rejects.toMatchObject({ code: 'port-in-use' });
  });

  it('is waited for by a program that has nothing else to do, also when what it wrote to is open for longer', async () => {
    // Without a cache of compiled sources the server starts a compiler, which holds its stderr and ends a little after it.
    const script = `
      import { startEmbedded } from ${embedded};
      const server = await startEmbedded();
      await server.close();
      console.log('closed');`;
    const run = async () => {
      const program = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, TMPDIR: temporaryFolder() },
      });
      program.stdout.setEncoding('utf8');
      const ended = once(program, 'close') as Promise<[number]>;
      const [said, [code]] = await Promise.all([program.stdout.toArray() as Promise<string[]>, ended]);
      return { said, code };
    };
    const ended = await Promise.all([run(), run(), run(), run()]);
    expect(ended).toEqual(ended.map(() => ({ said: ['closed\n'], code: 0 })));
  });

  it('ends with its parent, also when that is killed with -9', async () => {
    const dataDir = temporaryFolder();
    const script = `
      import { startEmbedded } from ${embedded};
      const server = await startEmbedded({ dataDir: ${JSON.stringify(dataDir)} });
      console.log(server.url);
      setInterval(() => {}, 1000);`;
    const parent = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '--eval', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const [url] = (await once(parent.stdout, 'data')) as [Buffer];
    const server = { url: url.toString().trim() };
    expect(await query(server, 'SELECT 1')).toBe('1');
    parent.kill('SIGKILL');
    await expect
      .poll(
        () =>
          fetch(`${server.url}/ping`).then(
            () => 'up',
            () => 'down',
          ),
        { timeout: 10_000 },
      )
      .toBe('down');
    // The directory is free again, so nothing of the old server is left.
    await expect
      .poll(
        () =>
          start({ dataDir }).then(
            () => 'free',
            () => 'taken',
          ),
        { timeout: 10_000 },
      )
      .toBe('free');
  });
});
