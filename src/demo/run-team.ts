import { MemoryBus } from '../../adapters/memory/index.js';
import { createTracing } from '../index.js';
import { AgentProcess } from './agent-processes.js';
import { connectMemory } from './bus.js';
import { natsVersion, startNatsServer, type LocalServer } from './nats-server.js';
import { askQuestions, join, TEAM } from './team.js';

export interface TeamOptions {
  clickhouse: { url: string; database: string };
  questions: number;
  /** One line about what is going on. */
  say: (line: string) => void;
  /** Ends the team early, with its reason as the error. */
  signal: AbortSignal;
}

/**
 * Lets the team answer questions, each agent a process on NATS when a server can be had, and returns when all spans are stored.
 * Whatever happens, nothing that was started is left when it returns.
 *
 * @returns the bus between them, in words
 * @throws Error in one line when an agent or the server ends before its time
 */
export async function runTeam(options: TeamOptions): Promise<string> {
  const { say, questions, clickhouse, signal } = options;
  const nats = await findNats(say);
  if (!nats) {
    say(
      'no NATS server at NATS_URL and no nats-server on this machine: the agents share this process and its in-process bus',
    );
    await runInProcess(options);
    return 'in-process bus';
  }
  const names = Object.keys(TEAM);
  const agents: AgentProcess[] = [];
  const start = (name: string, ...args: string[]): AgentProcess => {
    const agent = new AgentProcess(name, [nats.url, ...args], clickhouse);
    agents.push(agent);
    return agent;
  };
  const gone = nats.closed.then(() => {
    throw new Error('the nats-server of the demo ended by itself');
  });
  try {
    say(`${questions} questions for ${names.length} agents, each a process of its own, on ${nats.url}`);
    const team = names.map((name) => start(name));
    const failure = Promise.race([aborted(signal), gone, ...team.map((agent) => agent.failed)]);
    const answered = Promise.all(team.map((agent) => agent.ready)).then(
      () => start('front-desk', String(questions)).done,
    );
    await Promise.race([answered, failure]);
    return `nats-server ${await natsVersion(nats.url)}`;
  } finally {
    gone.catch(() => undefined);
    await Promise.all(agents.map((agent) => agent.stop()));
    await nats.stop();
  }
}

/** Rejects when the signal says so. */
function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(signal.reason as Error);
    if (signal.aborted) end();
    else signal.addEventListener('abort', end, { once: true });
  });
}

async function findNats(say: TeamOptions['say']): Promise<LocalServer | undefined> {
  const url = process.env['NATS_URL'];
  if (!url) return startNatsServer();
  try {
    const { connect } = await import('@nats-io/transport-node');
    await (await connect({ servers: url, reconnect: false, timeout: 3000 })).close();
    return { url, closed: new Promise(() => undefined), stop: async () => {} };
  } catch (error) {
    say(`nothing answers at NATS_URL (${(error as Error).message}); looking on this machine`);
    return startNatsServer();
  }
}

async function runInProcess({ clickhouse, questions, signal }: TeamOptions): Promise<void> {
  const tracing = createTracing({ service: 'demo', clickhouse }).register();
  const shared = new MemoryBus();
  for (const name of Object.keys(TEAM)) join(name, connectMemory(shared, name));
  const desk = connectMemory(shared, 'front-desk');
  try {
    await Promise.race([askQuestions(desk, questions, 4), aborted(signal)]);
    // fire-and-forget work is still going on
    await new Promise((resolve) => setTimeout(resolve, 200));
  } finally {
    await tracing.shutdown();
  }
}
