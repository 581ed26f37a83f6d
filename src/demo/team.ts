import { invokeAgent } from '../index.js';
import type { AgentBus, Body } from './bus.js';
import { standIns, type StandIns } from './models.js';

/** An agent of the demo: takes its place on the bus. */
type Agent = (bus: AgentBus, models: StandIns) => void;

const TOPICS = ['market', 'papers', 'code'] as const;
type Topic = (typeof TOPICS)[number];

const TOOLS: Record<Topic, { tool: string; ms: number; failures: number }> = {
  market: { tool: 'web_search', ms: 60, failures: 0.08 },
  papers: { tool: 'paper_index', ms: 90, failures: 0 },
  code: { tool: 'repository_search', ms: 40, failures: 0.04 },
};

/** An agent that answers requests as `name`. */
function responder(name: string, work: (body: Body, bus: AgentBus, models: StandIns) => Promise<Body>): Agent {
  return (bus, models) => bus.respond(`agents.${name}.ask`, (body) => invokeAgent(name, () => work(body, bus, models)));
}

function researcher(topic: Topic): Agent {
  const { tool, ms, failures } = TOOLS[topic];
  return responder(`researcher-${topic}`, async (_body, _bus, models) => {
    await models.chat('small-1', 400, 30, `Which ${topic} sources are worth a look?`);
    await models.tool(tool, ms, failures);
    await models.chat('small-1', 1800, 50);
    return { notes: `notes on ${topic}` };
  });
}

/** Plans, has it researched in parallel, written and criticised; asks a fact checker that nobody has deployed yet. */
const planner = responder('planner', async ({ question }, bus, models) => {
  await models.chat(
    'large-1',
    900,
    70,
    'Split the question into market, papers and code; then write; then have it criticised.',
  );
  const research = TOPICS.map((topic) => bus.request(`agents.researcher-${topic}.ask`, { question }));
  const found = (await Promise.allSettled(research)).filter((r) => r.status === 'fulfilled').map((r) => r.value);
  if (found.length < 2) throw new Error('too little was found to write about');
  if (models.chance(0.1)) await bus.request('agents.fact-checker.ask', { found }).catch(() => undefined);
  const draft = await bus.request('agents.writer.ask', { question, found });
  const verdict = await bus.request('agents.critic.ask', { draft });
  const answer = verdict['good'] === true ? draft : await bus.request('agents.writer.ask', { draft, verdict });
  bus.publish('events.answered', { question });
  return answer;
});

const writer = responder('writer', async (_body, _bus, models) => {
  await models.chat('large-1', 3200, 120, 'Lead with the finding, then the evidence.');
  await models.tool('format_markdown', 8);
  return { text: 'an answer' };
});

const critic = responder('critic', async (_body, _bus, models) => {
  await models.chat('large-1', 2400, 60, 'Is every claim backed by a source?');
  return { good: models.chance(0.7) };
});

const archivist: Agent = (bus, models) =>
  bus.listen('events.answered', () =>
    invokeAgent('archivist', async () => {
      await models.tool('store_answer', 25);
    }),
  );

/** Who works in the demo, each in a process of its own when there is a server between them. */
export const TEAM: Record<string, Agent> = {
  planner,
  'researcher-market': researcher('market'),
  'researcher-papers': researcher('papers'),
  'researcher-code': researcher('code'),
  writer,
  critic,
  archivist,
};

/** Puts one member of the team on the bus. */
export function join(name: string, bus: AgentBus): void {
  const seed = [...name].reduce((sum, c) => sum * 31 + c.charCodeAt(0), 7);
  TEAM[name]!(bus, standIns(seed));
}

/** Asks the team `count` questions, `atOnce` at a time. @returns how many failed */
export async function askQuestions(bus: AgentBus, count: number, atOnce: number): Promise<number> {
  let next = 0;
  let failed = 0;
  const ask = async (): Promise<void> => {
    while (next < count) {
      const question = `question ${++next}`;
      await invokeAgent('front-desk', () => bus.request('agents.planner.ask', { question })).catch(() => failed++);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return failed;
}
