import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVER_PATH } from '../servers/programs.js';
import { cliProgram } from '../support/cli.js';

let dir: string;
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'spanbus-demo-'));
});
afterAll(() => rm(dir, { recursive: true, force: true }));

/** Ids of the processes that were started with `marker` in their environment, by what they run. */
function processesOf(marker: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const entry of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      if (!readFileSync(`/proc/${entry}/environ`, 'utf8').includes(marker)) continue;
      // one that has ended and waits to be noticed has no command any more
      const command = readFileSync(`/proc/${entry}/cmdline`, 'utf8');
      if (command !== '') found.set(Number(entry), command.replaceAll('\0', ' '));
    } catch {
      // ended meanwhile, or somebody else's
    }
  }
  return found;
}

/** A demo with no end of questions, once its agents are at work, with a temporary directory of its own. */
async function busyDemo() {
  const own = await mkdtemp(join(dir, 'own-'));
  const child = spawn(process.execPath, [cliProgram, 'demo', '-o', dir, '--questions', '5000'], {
    env: { ...process.env, NATS_URL: '', PATH: SERVER_PATH, TMPDIR: own },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (said += text));
  const ended = once(child, 'close').then(([code]) => code as number | null);
  await expect.poll(() => [...processesOf(own).values()].join(), { timeout: 30_000 }).toContain('front-desk');
  return {
    child,
    ended,
    said: () => said,
    pidOf: (what: RegExp) => [...processesOf(own)].find(([, command]) => what.test(command))![0],
    /** Resolves when nothing of it is left, neither processes nor files. */
    gone: () =>
      expect
        .poll(() => [...processesOf(own).values(), ...readdirSync(own).filter((name) => /clickhouse/.test(name))], {
          timeout: 10_000,
        })
        .toEqual([]),
  };
}

async function demo(env: NodeJS.ProcessEnv, ...args: string[]) {
  const child = spawn(process.execPath, [cliProgram, 'demo', '-o', dir, ...args], {
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
    const edges = [...stdout.matchAll(/^(\S+) → (\S+) /gm)];
    expect(edges.length).toBeGreaterThan(6);
    expect(edges.filter(([, caller, callee]) => caller === callee)).toEqual([]);
  });

  it('looks at its output directory before it starts anything', async () => {
    const { code, stderr } = await demo({}, '-o', import.meta.filename);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^spanbus: --output .*demo\.test\.ts cannot hold the report[^\n]*\n$/);
  });
});

describe('spanbus verify', () => {
  it('writes down what ran on what, and what was seen', async () => {
    const file = join(dir, 'record.md');
    const child = spawn(process.execPath, [cliProgram, 'verify', '-o', file], {
      env: { ...process.env, NATS_URL: '', PATH: SERVER_PATH },
      stdio: 'ignore',
    });
    const [code] = (await once(child, 'close')) as [number];
    expect(code).toBe(0);
    const record = await readFile(file, 'utf8');
    expect(record).toMatch(/^- Result: passed$/m);
    expect(record).toMatch(/^- Package: spanbus \d+\.\d+\.\d+$/m);
    expect(record).toMatch(new RegExp(`^- Runtime: Node\\.js ${process.version},`, 'm'));
    expect(record).toMatch(/^- Servers: ClickHouse [\d.]+, nats-server [\d.]+$/m);
    expect(record).toMatch(/^- Constraints: \d+ cores .* GiB of memory, embedded ClickHouse/m);
    for (const agent of AGENTS) expect(record).toContain(`→ ${agent} `);
  });
});

describe.skipIf(!existsSync('/proc/self/environ'))('a demo that is cut short', () => {
  it('ends at once and in order when it is interrupted', async () => {
    const { child, ended, said, gone } = await busyDemo();
    const began = Date.now();
    child.kill('SIGINT');
    expect(await ended).toBe(130);
    // an agent that waits for a ClickHouse which is gone takes 5 s
    expect(Date.now() - began).toBeLessThan(5_000);
    await gone();
    expect(said()).toMatch(/\nspanbus: SIGINT: ended before its time\n$/);
  });

  it('leaves nothing when it is killed', async () => {
    const { child, gone } = await busyDemo();
    child.kill('SIGKILL');
    await gone();
  });

  it('leaves nothing when its reader has gone', async () => {
    const { child, ended, gone } = await busyDemo();
    child.stdout.destroy();
    child.stderr.destroy();
    child.kill('SIGINT');
    await ended;
    await gone();
  });

  it.each([
    ['nats-server', /^nats-server -a/, /the nats-server of the demo ended by itself/],
    ['ClickHouse', /embedded-process/, /the embedded ClickHouse ended by itself/],
    ['an agent', /demo-agent\.js critic/, /agent critic of the demo ended by itself/],
  ])('says in one line that %s died', async (_, what, line) => {
    const { ended, said, pidOf, gone } = await busyDemo();
    process.kill(pidOf(what), 'SIGKILL');
    expect(await ended).toBe(1);
    await gone();
    const lines = said().trim().split('\n');
    expect(lines.at(-1)).toMatch(line);
    expect(lines).toHaveLength(3);
  });
});
