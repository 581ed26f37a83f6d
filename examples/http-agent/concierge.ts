import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { context, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { connect } from '@nats-io/transport-node';
import { createTracing, inference, recordPlan, recordReasoning, recordUsage, traceAgent } from 'spanbus';
import { natsRpc } from 'spanbus/nats';

createTracing({ service: 'concierge' }).register();
const rpc = natsRpc(await connect({ servers: process.env['NATS_URL']! }));
const ask = async (agent: string, question: string): Promise<string> =>
  new TextDecoder().decode(await rpc.request(`agents.${agent}.ask`, question, { timeoutMs: 30_000 }));

/** Any object with `invoke`, such as a compiled LangGraph graph. */
const concierge = traceAgent(
  {
    async invoke(question: string): Promise<string> {
      const plan = inference({ model: 'large-1', provider: 'stand-in', messages: question }, async () => {
        await sleep(60);
        recordUsage({ inputTokens: 780, outputTokens: 165, reasoningTokens: 110 });
        return ['check the stock', 'ask for a delivery date'];
      });
      recordPlan(await plan);
      const [stock, delivery] = await Promise.all([ask('stock', question), ask('delivery', question)]);
      recordReasoning('It is in stock, and a courier is free: promise Thursday.');
      return inference({ model: 'large-1', provider: 'stand-in' }, async () => {
        await sleep(40);
        recordUsage({ inputTokens: 1_240, outputTokens: 88 });
        return `${stock}; ${delivery}`;
      });
    },
  },
  { name: 'concierge', version: '2.1' },
);

/** An HTTP instrumentation does the same; written out, it is these lines. */
const server = createServer((request, response) => {
  const caller = propagation.extract(ROOT_CONTEXT, request.headers);
  const span = trace.getTracer('http-agent').startSpan('POST /ask', { kind: SpanKind.SERVER }, caller);
  void context.with(trace.setSpan(caller, span), async () => {
    try {
      response.end(await concierge.invoke('Can I have a red kettle by Friday?'));
    } catch {
      response.writeHead(502).end();
    } finally {
      span.setAttribute('http.response.status_code', response.statusCode).end();
    }
  });
}).listen(Number(process.env['PORT'] ?? 0), '127.0.0.1');
server.on('listening', () => console.log('ready', (server.address() as AddressInfo).port));
