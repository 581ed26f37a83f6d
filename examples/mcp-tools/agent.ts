import { trace } from '@opentelemetry/api';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from '@modelcontextprotocol/sdk/client/index.js';
import { connect } from '@nats-io/transport-node';
import { createTracing, inference, injectMeta, invokeAgent, recordReasoning, recordUsage } from 'spanbus';
import { traceNats } from 'spanbus/nats';
import { NatsClientTransport } from './nats-transport.js';

const tracing = createTracing({ service: 'packer' }).register();
const nc = traceNats(await connect({ servers: process.env['NATS_URL']! }));
const client = new Client({ name: 'packer', version: '1.0.0' });
await client.connect(new NatsClientTransport(nc, 'mcp.weather'));

const traceId = await invokeAgent('packer', async () => {
  recordReasoning('What to pack depends on the weather: ask the tool server.');
  await client.callTool({ name: 'forecast', arguments: { city: 'Bergen' }, _meta: injectMeta() });
  await inference({ model: 'small-1', provider: 'stand-in' }, async () => {
    await sleep(35);
    recordUsage({ inputTokens: 290, outputTokens: 41 });
  });
  return trace.getActiveSpan()!.spanContext().traceId;
});
await client.close();
await nc.drain();
await tracing.shutdown();
console.log(traceId);
