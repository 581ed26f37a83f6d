import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '../../src/clickhouse/client.js';
import { startEmbedded } from '../../src/clickhouse/embedded.js';
import { migrate } from '../../src/clickhouse/migrate.js';
import { startNats } from '../../test/servers/nats.js';
import { startRedis } from '../../test/servers/redis.js';
import type { LocalServer } from '../../test/servers/local-server.js';
import type { Report } from '../harness.js';
import { compare } from './compare.js';
import { readOracle } from './oracle.js';

/** What goes wrong, beside the failures at random that every scenario has. */
interface Fault {
  /** Share of the calls that fail at each place where one can. */
  failShare: number;
  traces: number;
  /** Injected a while after the start. */
  inject?(bus: LocalServer, agents: Map<string, ChildProcess>): Promise<void>;
}

export const SCENARIOS = {
  plain: { failShare: 0.008, traces: 100_000 },
  /** The bus is gone for five seconds in the middle. */
  disconnect: {
    failShare: 0.008,
    traces: 40_000,
    inject: async (bus) => {
      await bus.kill();
      await sleep(5000);
      await bus.restart();
    },
  },
  /** Everything that can fail does. */
  flood: { failShare: 1, traces: 20_000 },
  /** One of two workers of a kind is gone from one moment to the next. */
  kill: {
    failShare: 0.008,
    traces: 20_000,
    inject: async (_bus, agents) => void agents.get('worker-b2')!.kill('SIGKILL'),
  },
} satisfies Record<string, Fault>;
export type Scenario = keyof typeof SCENARIOS;

const AGENTS = ['planner', 'worker-a', 'worker-b', 'worker-b2', 'worker-c', 'tool-x', 'tool-y', 'audit'];
const AT_ONCE = 48;
const INJECT_AFTER_MS = 8_000;

/** Runs one scenario with nine processes on one bus and compares ClickHouse with what they saw. */
export async function captureSoak(
  scenario: Scenario,
  { traces, bus: kind = 'nats' }: { traces?: number | undefined; bus?: 'nats' | 'redis' } = {},
): Promise<Report> {
  const fault: Fault = { ...SCENARIOS[scenario], ...(traces !== undefined && { traces }) };
  const dir = await mkdtemp(join(tmpdir(), 'spanbus-soak-'));
  const clickhouse = await startEmbedded();
  const bus = await (kind === 'redis' ? startRedis() : startNats());
  const client = connect({ url: clickhouse.url });
  const agents = new Map<string, ChildProcess>();
  const logs = new Map<string, string>();
  const tsx = createRequire(import.meta.url).resolve('tsx');
  const start = (name: string, ...args: string[]): ChildProcess => {
    const log = join(dir, `${name}.log`);
    logs.set(name, log);
    const child = fork(join(import.meta.dirname, 'agent.ts'), [name, bus.url, log, String(fault.failShare), ...args], {
      execArgv: ['--import', tsx, '--max-semi-space-size=32'],
      env: { ...process.env, CLICKHOUSE_URL: clickhouse.url, CLICKHOUSE_DATABASE: 'soak', NODE_NO_WARNINGS: '1' },
    });
    agents.set(name, child);
    return child;
  };
  try {
    await migrate(client, { database: 'soak' });
    await Promise.all(AGENTS.map((name) => once(start(name), 'message')));
    const started = Date.now();
    const gateway = start('gateway', String(fault.traces), String(AT_ONCE));
    const done = once(gateway, 'message');
    const injected = fault.inject && sleep(INJECT_AFTER_MS).then(() => fault.inject!(bus, agents));
    await done;
    await injected;
    const seconds = (Date.now() - started) / 1000;
    // fire-and-forget work, and requests that wait for their timeout
    await sleep(2500);
    const running = [...agents.values()].filter((a) => a.exitCode === null && a.signalCode === null);
    await Promise.all(
      running.map(async (agent) => {
        const exit = once(agent, 'exit');
        agent.send('finish');
        await exit;
      }),
    );
    const killed = [...agents].filter(([, a]) => a.signalCode !== null).map(([name]) => name);
    return await compare(scenario, kind, await readOracle(logs), client, { seconds, killed });
  } finally {
    for (const agent of agents.values()) if (agent.exitCode === null) agent.kill('SIGKILL');
    await client.close();
    await bus.stop();
    await clickhouse.close();
    await rm(dir, { recursive: true, force: true });
  }
}
