import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVER_PATH } from '../servers/programs.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spanbus-demo-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

async function demo(env: NodeJS.ProcessEnv, ...args: string[]) {
  const child = spawn(process.execPath, ['dist/cli.js', 'demo', '-o', dir, ...args], {
    env: { ...process.env, NATS_URL: '', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as [number];
  return { code, stdout, stderr, html: await readFile(join(dir, 'report.html'), 'utf8').catch(() => '') };
}

const AGENTS = 'front-desk planner researcher-market researcher-papers researcher-code writer critic archivist'.split(
  ' ',
);

describe('spanbus demo', () => {
  it('shows agents in processes on NATS: one root, every agent, failures marked, a report', async () => {
    const { code, stdout, stderr, html } = await demo({ PATH: SERVER_PATH }, '--questions', '24');
    expect(stderr).toContain('each a process of its own');
    expect(code).toBe(0);
    for (const agent of AGENTS) expect(stdout).toContain(`→ ${agent} `);
    expect(stdout).toMatch(/planner → agents\.fact-checker\.ask \(never answered\)/);
    expect(stdout.match(/ERROR|errors? ·/g)?.length ?? 0).toBeGreaterThan(0);
    const roots = stdout.match(/invoke_agent front-desk/g);
    expect(roots).toHaveLength(1);
    expect(html).toContain('researcher-papers');
    expect(stderr).toMatch(/the report is .*report\.html/);
  });

  it('says so when there is no server, and uses the bus within the process', async () => {
    const { code, stdout, stderr } = await demo({ NATS_SERVER: '/nowhere/nats-server' }, '--questions', '3');
    expect(stderr).toMatch(/no nats-server on this machine.*in-process bus/);
    expect(code).toBe(0);
    expect(stdout).toContain('→ planner ');
  });
});
