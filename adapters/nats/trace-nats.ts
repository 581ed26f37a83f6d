import { context, propagation, SpanKind, trace, type TracerProvider } from '@opentelemetry/api';
import { withSpan } from '../../src/index.js';
import { Destinations } from './destination.js';
import { facade } from './facade.js';
import { recordFailure } from './failures.js';
import { headerSetter, OutgoingHeaders } from './headers.js';
import { tracedCallback, tracedIterator, type Processor } from './process.js';
import type { NatsConnectionLike, NatsMessage, NatsPublishOptions, Payload } from './types.js';

export interface TraceNatsOptions {
  /** @default the provider that is registered globally */
  tracerProvider?: TracerProvider;
}

/** Subjects of the server, of JetStream's own protocol, and replies: traffic of the plumbing, not of agents. */
const PLUMBING = /^(?:\$JS\.|\$SYS\.|\$KV\.|\$O\.|\$SRV\.|spanbus\.keep$)/;

/**
 * The same connection with every publish, request and handled message traced, across processes.
 *
 * @example
 * const nc = traceNats(await connect({ servers }));
 */
export function traceNats<T extends object>(connection: T, options: TraceNatsOptions = {}): T {
  const nc = connection as unknown as NatsConnectionLike & { options?: { inboxPrefix?: string } };
  const tracer = (options.tracerProvider ?? trace).getTracer('spanbus/nats');
  const inbox = `${nc.options?.inboxPrefix ?? '_INBOX'}.`;
  const [host, port] = nc.getServer().split(/:(?=\d+$)/);
  const destinations = new Destinations(() => ({
    'server.address': host ?? '',
    ...(port !== undefined && { 'server.port': Number(port) }),
    ...(nc.info?.client_id !== undefined && { 'messaging.client.id': String(nc.info.client_id) }),
  }));
  const isTraced = (subject: unknown): subject is string =>
    typeof subject === 'string' && !subject.startsWith(inbox) && !PLUMBING.test(subject);

  function publish(subject: string, payload?: Payload, given?: NatsPublishOptions): void {
    if (!isTraced(subject)) return nc.publish(subject, payload, given);
    const active = context.active();
    const { name, options: spanOptions } = destinations.get('publish', subject, SpanKind.PRODUCER);
    const span = tracer.startSpan(name, spanOptions, active);
    const headers = new OutgoingHeaders(given?.headers);
    propagation.inject(withSpan(active, span), headers, headerSetter);
    try {
      nc.publish(subject, payload, {
        ...given,
        headers: headers as unknown as NonNullable<NatsPublishOptions['headers']>,
      });
    } catch (error) {
      recordFailure(span, error);
      throw error;
    } finally {
      span.end();
    }
  }

  function request(subject: string, payload?: Payload, given?: NatsPublishOptions): Promise<NatsMessage> {
    if (!isTraced(subject)) return nc.request(subject, payload, given);
    const active = context.active();
    const { name, options: spanOptions } = destinations.get('request', subject, SpanKind.CLIENT);
    const span = tracer.startSpan(name, spanOptions, active);
    const headers = new OutgoingHeaders(given?.headers);
    propagation.inject(withSpan(active, span), headers, headerSetter);
    const fail = (error: unknown): never => {
      recordFailure(span, error);
      span.end();
      throw error;
    };
    try {
      const sent = { ...given, headers: headers as unknown as NonNullable<NatsPublishOptions['headers']> };
      return nc.request(subject, payload, sent).then((reply) => {
        span.end();
        return reply;
      }, fail);
    } catch (error) {
      return fail(error);
    }
  }

  const overrides = {
    publish,
    request,
    publishMessage: (message: NatsMessage) =>
      publish(message.subject, message.data, message as unknown as NatsPublishOptions),
    subscribe(subject: string, given: Parameters<NatsConnectionLike['subscribe']>[1] = {}) {
      if (!isTraced(subject)) return nc.subscribe(subject, given);
      const processor: Processor = {
        tracer,
        destinations: given.queue
          ? destinations.extend({ 'messaging.consumer.group.name': given.queue })
          : destinations,
      };
      if (given.callback)
        return nc.subscribe(subject, { ...given, callback: tracedCallback(processor, given.callback) });
      const subscription = nc.subscribe(subject, given);
      const iterate = subscription[Symbol.asyncIterator].bind(subscription);
      subscription[Symbol.asyncIterator] = () => tracedIterator(processor, iterate());
      return subscription;
    },
  };
  return facade(connection, overrides as unknown as Partial<Record<keyof T, unknown>>);
}
