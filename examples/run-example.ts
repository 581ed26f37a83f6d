import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

/** Each example's processes; the last does the asking once the others are ready, and says the trace's id. */
export const EXAMPLES = {
  'nats-team': ['researcher', 'writer', 'lead'],
  'redis-workers': ['worker', 'worker', 'intake'],
  'http-agent': ['stock', 'delivery', 'concierge', 'shop'],
  'mcp-tools': ['server', 'agent'],
} as const;

export type Example = keyof typeof EXAMPLES;

/** Where an example finds its servers: NATS_URL, REDIS_URL, CLICKHOUSE_URL, CLICKHOUSE_DATABASE. */
export type Servers = Record<string, string>;

const START_TIMEOUT_MS = 40_000;
const END_TIMEOUT_MS = 10_000;

/** Runs an example to its end. @returns the id of its trace, when all spans are stored */
export async function runExample(name: Example, servers: Servers): Promise<string> {
  const scripts = [...EXAMPLES[name]];
  const asker = scripts.pop()!;
  const running: ChildProcess[] = [];
  try {
    for (const script of scripts) running.push(start(name, script, [], servers));
    const said = await Promise.all(running.map(firstLine));
    // one that listens on a port says which
    const ports = said.map((line) => line.replace('ready', '').trim()).filter((port) => port !== '');
    const last = start(name, asker, ports, servers);
    running.push(last);
    return await firstLine(last);
  } finally {
    // told to end, a process stores what it has first
    await Promise.all(running.map(end));
  }
}

function start(name: Example, script: string, args: string[], servers: Servers): ChildProcess {
  const path = fileURLToPath(new URL(`./${name}/${script}.ts`, import.meta.url));
  return spawn(process.execPath, ['--import', 'tsx', path, ...args], {
    cwd: fileURLToPath(new URL('..', import.meta.url)),
    env: { ...process.env, ...servers },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  const exit = once(child, 'exit').then(([code]) => `ended with ${String(code)}`);
  const late = sleep(START_TIMEOUT_MS, 'said nothing for too long', { ref: false });
  const line = once(createInterface(child.stdout!), 'line') as Promise<[string]>;
  const first = await Promise.race([line, exit, late]);
  if (typeof first === 'string') throw new Error(`${child.spawnargs.at(-1)} ${first}`);
  return first[0];
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  if ((await Promise.race([exit, sleep(END_TIMEOUT_MS, 'late', { ref: false })])) === 'late') child.kill('SIGKILL');
}
