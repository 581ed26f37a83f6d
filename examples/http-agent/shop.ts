import { trace } from '@opentelemetry/api';
import { UndiciInstrumentation } from '@opentelemetry/instrumentation-undici';
import { createTracing, invokeAgent } from 'spanbus';

const tracing = createTracing({ service: 'shop' }).register();
// OpenTelemetry's own instrumentation of fetch: its spans are in the trace, and carry it over HTTP
new UndiciInstrumentation().enable();

const traceId = await invokeAgent({ name: 'shop', conversationId: 'basket-9' }, async () => {
  const response = await fetch(`http://127.0.0.1:${process.argv[2]}/ask`, { method: 'POST' });
  if (!response.ok) throw new Error(`the concierge answered ${response.status}`);
  await response.text();
  return trace.getActiveSpan()!.spanContext().traceId;
});
await tracing.shutdown();
console.log(traceId);
