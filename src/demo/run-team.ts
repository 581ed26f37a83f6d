import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { MemoryBus } from '../../adapters/memory/index.js';
import { createTracing } from '../index.js';
import { connectMemory } from './bus.js';
import { startNatsServer, type LocalServer } from './nats-server.js';
import { askQuestions, join, TEAM } from './team.js';

export interface TeamOptions {
  clickhouse: { url: string; database: string };
  questions: number;
  /** One line about what is going on. */
  say: (line: string) => void;
}

const END_TIMEOUT_MS = 10_000;

/** Lets the team answer questions, each agent a process on NATS when a server can be had, and returns when all spans are stored. */
export async function runTeam(options: TeamOptions): Promise<void> {
  const { say, questions } = options;
  const nats = await findNats(say);
  if (!nats) {
    say(
      'no NATS server at NATS_URL and no nats-server on this machine: the agents share this process and its in-process bus',
    );
    return runInProcess(options);
  }
  const names = Object.keys(TEAM);
  const agents: ChildProcess[] = [];
  try {
    say(`${questions} questions for ${names.length} agents, each a process of its own, on ${nats.url}`);
    for (const name of names) agents.push(startProcess(name, nats.url, options));
    await Promise.all(agents.map((agent) => ready(agent)));
    await ended(startProcess('front-desk', nats.url, options, questions), 120_000);
  } finally {
    for (const agent of agents) agent.kill('SIGTERM');
    await Promise.all(agents.map((agent) => ended(agent, END_TIMEOUT_MS).catch(() => agent.kill('SIGKILL'))));
    await nats.stop();
  }
}

async function findNats(say: TeamOptions['say']): Promise<LocalServer | undefined> {
  const url = process.env['NATS_URL'];
  if (!url) return startNatsServer();
  try {
    const { connect } = await import('@nats-io/transport-node');
    await (await connect({ servers: url, reconnect: false, timeout: 3000 })).close();
    return { url, stop: async () => {} };
  } catch (error) {
    say(`nothing answers at NATS_URL (${(error as Error).message}); looking on this machine`);
    return startNatsServer();
  }
}

function startProcess(name: string, nats: string, { clickhouse }: TeamOptions, questions?: number): ChildProcess {
  const built = fileURLToPath(new URL('./demo-agent.js', import.meta.url));
  const source = fileURLToPath(new URL('./agent-process.ts', import.meta.url));
  const fromSource = !existsSync(built);
  return fork(fromSource ? source : built, [name, nats, ...(questions === undefined ? [] : [String(questions)])], {
    execArgv: fromSource ? ['--import', createRequire(import.meta.url).resolve('tsx')] : [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    env: { ...process.env, CLICKHOUSE_URL: clickhouse.url, CLICKHOUSE_DATABASE: clickhouse.database },
  });
}

async function ready(agent: ChildProcess): Promise<void> {
  const exit = once(agent, 'exit').then(([code]) => {
    throw new Error(`an agent ended with exit code ${String(code)} before it was ready`);
  });
  exit.catch(() => undefined);
  await Promise.race([once(agent, 'message'), exit]);
}

async function ended(agent: ChildProcess, timeoutMs: number): Promise<void> {
  if (agent.exitCode !== null || agent.signalCode !== null) return;
  const [code] = (await once(agent, 'exit', { signal: AbortSignal.timeout(timeoutMs) })) as [number | null];
  if (code !== 0 && code !== null) throw new Error(`an agent of the demo ended with exit code ${code}`);
}

async function runInProcess({ clickhouse, questions }: TeamOptions): Promise<void> {
  const tracing = createTracing({ service: 'demo', clickhouse }).register();
  const bus = connectMemory(new MemoryBus());
  for (const name of Object.keys(TEAM)) join(name, bus);
  await askQuestions(bus, questions, 4);
  // fire-and-forget work is still going on
  await new Promise((resolve) => setTimeout(resolve, 200));
  await bus.close();
  await tracing.shutdown();
}
