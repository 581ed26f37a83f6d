import { setTimeout as sleep } from 'node:timers/promises';
import { connect } from '@nats-io/transport-node';
import { createTracing, executeTool, invokeAgent } from 'spanbus';
import { natsRpc } from 'spanbus/nats';

createTracing({ service: 'stock' }).register();
// requests with replies whose failures are the caller's errors, over the bus
const rpc = natsRpc(await connect({ servers: process.env['NATS_URL']! }));

await rpc.respond('agents.stock.ask', () =>
  invokeAgent('stock', async () => {
    const left = await executeTool('query_warehouse', async () => {
      await sleep(30);
      return 3;
    });
    return `${left} left`;
  }),
);
console.log('ready');
