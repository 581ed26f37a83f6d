import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { generateText, stepCountIs, tool, wrapLanguageModel } from 'ai';
import { createTracing, invokeAgent } from 'spanbus';
import { consume, traceNats } from 'spanbus/nats';
import { z } from 'zod';
import { noteReasoning } from './note-reasoning.js';
import { standIn } from './stand-in-model.js';

createTracing({ service: 'researcher' }).register();
const nc = traceNats(await connect({ servers: process.env['NATS_URL']! }));

const thinker = standIn('small-1', [
  {
    reasoning: 'Two sources are enough: one on behaviour, one on anatomy.',
    tools: [
      { name: 'search_papers', input: { query: 'sea otter sleep behaviour' } },
      { name: 'search_papers', input: { query: 'sea otter fur buoyancy' } },
    ],
    tokens: { input: 412, output: 86, reasoning: 51 },
    ms: 40,
  },
  { text: 'They raft together and wrap themselves in kelp.', tokens: { input: 1_930, output: 148 }, ms: 60 },
]);
const model = wrapLanguageModel({ model: thinker, middleware: noteReasoning });

const search_papers = tool({
  description: 'Finds papers on a topic',
  inputSchema: z.object({ query: z.string() }),
  execute: async ({ query }) => {
    await sleep(25);
    return [`a paper on ${query}`];
  },
});

/** Answers one question, in as many steps as it takes. */
async function research(question: string): Promise<string> {
  const { text } = await generateText({
    model,
    tools: { search_papers },
    prompt: question,
    stopWhen: stepCountIs(5),
    experimental_telemetry: { isEnabled: true },
  });
  return text;
}

const questions = nc.subscribe('agents.researcher.ask', { queue: 'researchers' });
await nc.flush();
console.log('ready');
await consume(questions, async (message) => {
  message.respond(await invokeAgent('researcher', () => research(message.string())));
});
