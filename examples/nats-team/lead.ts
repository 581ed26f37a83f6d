import { trace } from '@opentelemetry/api';
import { connect } from '@nats-io/transport-node';
import { generateText, stepCountIs, tool, wrapLanguageModel } from 'ai';
import { createTracing, invokeAgent, recordPlan } from 'spanbus';
import { traceNats } from 'spanbus/nats';
import { z } from 'zod';
import { noteReasoning } from './note-reasoning.js';
import { standIn } from './stand-in-model.js';

const tracing = createTracing({ service: 'lead' }).register();
const nc = traceNats(await connect({ servers: process.env['NATS_URL']! }));

/** Another agent, as a tool: its work over there is in the same trace. */
const agentAsTool = (name: string) =>
  tool({
    description: `Asks the ${name}`,
    inputSchema: z.object({ task: z.string() }),
    execute: async ({ task }) => (await nc.request(`agents.${name}.ask`, task, { timeout: 30_000 })).string(),
  });

const thinker = standIn('large-1', [
  {
    reasoning: 'I know little about otters: the researcher first, then the writer.',
    tools: [{ name: 'researcher', input: { task: 'How do otters sleep?' } }],
    tokens: { input: 655, output: 120, reasoning: 84 },
    ms: 70,
  },
  {
    reasoning: 'The notes are sound; have them written up.',
    tools: [{ name: 'writer', input: { task: 'They raft together and wrap themselves in kelp.' } }],
    tokens: { input: 872, output: 61, reasoning: 22 },
    ms: 50,
  },
  { text: 'Otters sleep afloat, held in place by kelp.', tokens: { input: 1_106, output: 44 }, ms: 40 },
]);
const model = wrapLanguageModel({ model: thinker, middleware: noteReasoning });

const traceId = await invokeAgent({ name: 'lead', conversationId: 'otters-1' }, async () => {
  recordPlan(['research', 'write', 'answer']);
  await generateText({
    model,
    tools: { researcher: agentAsTool('researcher'), writer: agentAsTool('writer') },
    prompt: 'How do otters sleep?',
    stopWhen: stepCountIs(5),
    experimental_telemetry: { isEnabled: true },
  });
  return trace.getActiveSpan()!.spanContext().traceId;
});
await nc.drain();
await tracing.shutdown();
console.log(traceId);
