import { trace } from '@opentelemetry/api';
import { Redis } from 'ioredis';
import { createTracing, invokeAgent, recordPlan } from 'spanbus';
import { traceRedis } from 'spanbus/redis';

const tracing = createTracing({ service: 'intake' }).register();
// the pool's streams carry the trace in three more fields of each entry
const redis = traceRedis(new Redis(process.env['REDIS_URL']!), { wrap: { streams: ['tickets'] } });

const TICKETS = [
  { id: 't-1', order: '4711', text: 'Where is my parcel?' },
  { id: 't-2', order: '4712', text: 'It came broken.' },
  { id: 't-3', order: 'gone', text: 'I want to talk to somebody.' },
];

const traceId = await invokeAgent({ name: 'intake', conversationId: 'inbox-1' }, async () => {
  recordPlan(TICKETS.map(({ id }) => `have ${id} answered`));
  for (const { id, order, text } of TICKETS) await redis.xadd('tickets', '*', 'id', id, 'order', order, 'text', text);
  // the pool says when it is done with each
  for (let open = TICKETS.length; open > 0; open--) await redis.blpop('answered', 30);
  return trace.getActiveSpan()!.spanContext().traceId;
});
redis.disconnect();
await tracing.shutdown();
console.log(traceId);
