import { context, defaultTextMapGetter, propagation, ROOT_CONTEXT, SpanKind, trace } from '@opentelemetry/api';
import { recordError, withSpan } from '../../src/index.js';
import type { MemoryBus, MemoryHandler, MemoryPublishOptions } from './memory-bus.js';

const ERROR_TYPES: Record<string, string> = { NoRespondersError: 'no_responders', RequestTimeoutError: 'timeout' };

function options(operation: string, type: string, subject: string, kind: SpanKind) {
  const attributes = {
    'messaging.system': 'memory',
    'messaging.operation.name': operation,
    'messaging.operation.type': type,
    'messaging.destination.name': subject,
  };
  return { kind, attributes };
}

/** The same bus with every publish, request and handled message traced. */
export function traceMemory(bus: MemoryBus): Pick<MemoryBus, 'publish' | 'subscribe' | 'request'> {
  const tracer = trace.getTracer('spanbus/memory');

  /** Starts the span of a sender and puts it into a copy of the headers. */
  function send(operation: string, subject: string, kind: SpanKind, given: MemoryPublishOptions['headers']) {
    const active = context.active();
    const span = tracer.startSpan(`${operation} ${subject}`, options(operation, 'send', subject, kind), active);
    const headers: Record<string, string> = { ...given };
    propagation.inject(withSpan(active, span), headers);
    return { span, headers };
  }

  return {
    publish(subject, data, given = {}) {
      const { span, headers } = send('publish', subject, SpanKind.PRODUCER, given.headers);
      bus.publish(subject, data, { ...given, headers });
      span.end();
    },

    subscribe(subject, handler: MemoryHandler) {
      return bus.subscribe(subject, (message) => {
        const parent = propagation.extract(ROOT_CONTEXT, message.headers, defaultTextMapGetter);
        const kind = message.reply === undefined ? SpanKind.CONSUMER : SpanKind.SERVER;
        const span = tracer.startSpan(`process ${subject}`, options('process', 'process', subject, kind), parent);
        const run = async (): Promise<void> => {
          try {
            await handler(message);
          } catch (error) {
            recordError(span, error);
            throw error;
          } finally {
            span.end();
          }
        };
        return context.with(withSpan(parent, span), run);
      });
    },

    async request(subject, data, given = {}) {
      const { span, headers } = send('request', subject, SpanKind.CLIENT, given.headers);
      try {
        return await bus.request(subject, data, { ...given, headers });
      } catch (error) {
        recordError(span, error, ERROR_TYPES[(error as Error).name]);
        throw error;
      } finally {
        span.end();
      }
    },
  };
}
