import { setTimeout as sleep } from 'node:timers/promises';
import { McpServer } from '@modelcontextprotocol/sdk/server/mcp.js';
import { connect } from '@nats-io/transport-node';
import { createTracing, executeTool, withMeta } from 'spanbus';
import { traceNats } from 'spanbus/nats';
import { z } from 'zod';
import { NatsServerTransport } from './nats-transport.js';

createTracing({ service: 'weather-tools' }).register();
const nc = traceNats(await connect({ servers: process.env['NATS_URL']! }));
const server = new McpServer({ name: 'weather', version: '1.0.0' });

server.registerTool(
  'forecast',
  { description: 'The weather of a day', inputSchema: { city: z.string() } },
  // the trace comes in `_meta`, whatever the transport; over a traced bus it has come with the message already
  ({ city }, { _meta }) =>
    withMeta(_meta, () =>
      executeTool('forecast', async () => {
        await sleep(20);
        return { content: [{ type: 'text' as const, text: `${city}: rain` }] };
      }),
    ),
);

await server.connect(new NatsServerTransport(nc, 'mcp.weather'));
console.log('ready');
