import {
  context,
  defaultTextMapGetter,
  defaultTextMapSetter,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type Context,
  type Span,
} from '@opentelemetry/api';
import {
  NoRespondersError,
  recordBody,
  recordError,
  RequestTimeoutError,
  templateOf,
  withSpan,
} from '../../src/index.js';
import type { MemoryBus, MemoryHandler, MemoryHeaders, MemoryMessage, MemorySubscribeOptions } from './memory-bus.js';

const buses = new WeakMap<object, MemoryBus>();

/** What a traced bus has of a {@link MemoryBus}: all its verbs. */
export type TracedMemoryBus = Pick<MemoryBus, 'publish' | 'subscribe' | 'request'>;

/** The bus behind a traced one; a bus that is not traced is its own. */
export const untraced = (bus: TracedMemoryBus): MemoryBus => buses.get(bus) ?? (bus as MemoryBus);

// Step 1: name what happens. One span an operation, named and described as OpenTelemetry's messaging conventions have it;
// ids in a destination's name become a template, so that spans of one kind have one name.
function spanOf(operation: 'publish' | 'request' | 'process', subject: string, kind: SpanKind) {
  const template = templateOf(subject);
  const attributes = {
    'messaging.system': 'memory',
    'messaging.operation.name': operation,
    'messaging.operation.type': operation === 'process' ? 'process' : 'send',
    'messaging.destination.name': subject,
    ...(template !== subject && { 'messaging.destination.template': template }),
    ...(operation === 'request' && { 'rpc.system.name': 'memory' }),
  };
  return { name: `${operation} ${template}`, options: { kind, attributes } };
}

/** The bus's own failures by their names among failures; the others keep theirs. */
function failureType(error: unknown): string | undefined {
  if (error instanceof NoRespondersError) return 'no_responders';
  return error instanceof RequestTimeoutError ? 'timeout' : undefined;
}

/**
 * The same bus with every publish, request and handled message traced.
 *
 * This is also the example of an adapter: docs/writing-an-adapter.md walks through it.
 */
export function traceMemory(bus: TracedMemoryBus): TracedMemoryBus {
  if (buses.has(bus)) return bus;
  const tracer = trace.getTracer('spanbus/memory');

  // Step 2: send. The sender's span is a child of the current one, and goes into a copy of the headers: what the user
  // gave stays as it was.
  function send(operation: 'publish' | 'request', subject: string, kind: SpanKind, given: MemoryHeaders = {}) {
    const active = context.active();
    const { name, options } = spanOf(operation, subject, kind);
    const span = tracer.startSpan(name, options, active);
    const headers = { ...given };
    propagation.inject(withSpan(active, span), headers, defaultTextMapSetter);
    return { span, headers };
  }

  // Step 3: receive. The span of handling a message is a child of its sender's, wherever that was; without headers of a trace
  // it starts one. It is a server's when somebody waits for the answer.
  function receive({ subject, headers, reply }: MemoryMessage): { span: Span; own: Context } {
    const parent = propagation.extract(ROOT_CONTEXT, headers, defaultTextMapGetter);
    const { name, options } = spanOf('process', subject, reply === undefined ? SpanKind.CONSUMER : SpanKind.SERVER);
    const span = tracer.startSpan(name, options, parent);
    return { span, own: withSpan(parent, span) };
  }

  const traced: TracedMemoryBus = {
    publish(subject, data, given = {}) {
      const { span, headers } = send('publish', subject, SpanKind.PRODUCER, given.headers);
      recordBody(span, data);
      try {
        return bus.publish(subject, data, { ...given, headers });
      } finally {
        span.end();
      }
    },

    subscribe(subject: string, handler: MemoryHandler, options?: MemorySubscribeOptions) {
      const inContext = (message: MemoryMessage): unknown => {
        const { span, own } = receive(message);
        return settle(span, () => context.with(own, handler, undefined, message));
      };
      return bus.subscribe(subject, inContext, options);
    },

    request(subject, data, given = {}) {
      const { span, headers } = send('request', subject, SpanKind.CLIENT, given.headers);
      recordBody(span, data);
      return settle(span, () => bus.request(subject, data, { ...given, headers })) as Promise<MemoryMessage>;
    },
  };
  buses.set(traced, untraced(bus));
  return traced;
}

// Step 4: settle. The span ends when the work has: at once, or with its promise. What was thrown is thrown on, as it was.
function settle(span: Span, work: () => unknown): unknown {
  const fail = (error: unknown): never => {
    recordError(span, error, failureType(error));
    span.end();
    throw error;
  };
  let result: unknown;
  try {
    result = work();
  } catch (error) {
    return fail(error);
  }
  if (!(result instanceof Promise)) {
    span.end();
    return result;
  }
  return result.then((value: unknown) => {
    span.end();
    return value;
  }, fail);
}
