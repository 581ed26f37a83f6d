import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { createTracing, executeTool, inference, invokeAgent, recordReasoning, recordUsage } from 'spanbus';
import { natsRpc } from 'spanbus/nats';

createTracing({ service: 'delivery' }).register();
const rpc = natsRpc(await connect({ servers: process.env['NATS_URL']! }));

await rpc.respond('agents.delivery.ask', () =>
  invokeAgent('delivery', async () => {
    recordReasoning('Two couriers go there; the cheaper one is quick enough.');
    await executeTool('list_couriers', () => sleep(20));
    return inference({ model: 'small-1', provider: 'stand-in' }, async () => {
      await sleep(45);
      recordUsage({ inputTokens: 365, outputTokens: 52 });
      return 'Thursday';
    });
  }),
);
console.log('ready');
