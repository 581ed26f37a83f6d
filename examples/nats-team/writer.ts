import { connect } from '@nats-io/transport-node';
import { generateText } from 'ai';
import { createTracing, invokeAgent } from 'spanbus';
import { consume, traceNats } from 'spanbus/nats';
import { standIn } from './stand-in-model.js';

createTracing({ service: 'writer' }).register();
const nc = traceNats(await connect({ servers: process.env['NATS_URL']! }));

const model = standIn('large-1', [
  { text: 'Otters sleep afloat, held in place by kelp.', tokens: { input: 2_210, output: 374 }, ms: 120 },
]);

const tasks = nc.subscribe('agents.writer.ask', { queue: 'writers' });
await nc.flush();
console.log('ready');
await consume(tasks, async (message) => {
  const prompt = `Write it up: ${message.string()}`;
  const { text } = await invokeAgent('writer', () =>
    generateText({ model, prompt, experimental_telemetry: { isEnabled: true } }),
  );
  message.respond(text);
});
