import { context, propagation, ROOT_CONTEXT, SpanKind, trace, type Span } from '@opentelemetry/api';
import { BatchSpanProcessor, ParentBasedSampler, TraceIdRatioBasedSampler } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { connect, headers, type Msg, type MsgHdrs, type NatsConnection } from '@nats-io/transport-node';
import { traceNats } from '../../adapters/nats/index.js';
import { createTracing } from '../../src/index.js';

/** One process that publishes on one connection and handles on another, tracing in one of several ways. */
export const VARIANTS = ['nats.js', 'by hand', 'otel 100%', 'otel 1%', 'spanbus 100%', 'spanbus 1%'] as const;
export type Variant = (typeof VARIANTS)[number];

/** One's own: others listen on the same server. */
const SUBJECT = `bench.agents.${'abcdef'[VARIANTS.indexOf(process.argv[2] as Variant)]}`;
const PAYLOAD = new Uint8Array(128).fill(120);
/** Messages between two flushes. */
const BURST = 500;

interface Setup {
  wrap: (nc: NatsConnection) => NatsConnection;
  publish: (nc: NatsConnection) => void;
  handle: (message: Msg, done: () => void) => void;
}

const plain: Setup = {
  wrap: (nc) => nc,
  publish: (nc) => nc.publish(SUBJECT, PAYLOAD),
  handle: (_, done) => done(),
};

function byHand(): Setup {
  const traceparent = `00-${'a1b2c3d4'.repeat(4)}-${'0123456789abcdef'}-01`;
  let read = '';
  return {
    ...plain,
    publish: (nc) => {
      const h = headers();
      h.set('traceparent', traceparent);
      nc.publish(SUBJECT, PAYLOAD, { headers: h });
    },
    handle: (message, done) => {
      read = message.headers?.get('traceparent') ?? read;
      done();
    },
  };
}

/** What an instrumentation of NATS with OpenTelemetry's SDK does for each message, by its conventions. */
function withOpenTelemetry(ratio: number): Setup {
  const exporter = {
    export: (_: unknown, done: (result: { code: number }) => void) => done({ code: 0 }),
    shutdown: () => Promise.resolve(),
  };
  new NodeTracerProvider({
    sampler: new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) }),
    spanProcessors: [new BatchSpanProcessor(exporter)],
  }).register();
  const tracer = trace.getTracer('nats');
  const setter = { set: (h: MsgHdrs, key: string, value: string) => h.set(key, value) };
  const getter = {
    get: (h: MsgHdrs | undefined, key: string) => h?.get(key) || undefined,
    keys: (h: MsgHdrs | undefined) => h?.keys() ?? [],
  };
  const attributes = (operation: string, type: string) => ({
    'messaging.system': 'nats',
    'messaging.operation.name': operation,
    'messaging.operation.type': type,
    'messaging.destination.name': SUBJECT,
    'server.address': '127.0.0.1',
    'server.port': 4222,
    'messaging.client.id': '1',
  });
  return {
    ...plain,
    publish: (nc) => {
      const active = context.active();
      const span = tracer.startSpan(
        `publish ${SUBJECT}`,
        { kind: SpanKind.PRODUCER, attributes: attributes('publish', 'send') },
        active,
      );
      const h = headers();
      propagation.inject(trace.setSpan(active, span), h, setter);
      nc.publish(SUBJECT, PAYLOAD, { headers: h });
      span.end();
    },
    handle: (message, done) => {
      const parent = propagation.extract(ROOT_CONTEXT, message.headers, getter);
      const span: Span = tracer.startSpan(
        `process ${SUBJECT}`,
        { kind: SpanKind.CONSUMER, attributes: attributes('process', 'process') },
        parent,
      );
      context.with(trace.setSpan(parent, span), done);
      span.end();
    },
  };
}

function withSpanbus(ratio: number): Setup {
  const sink = { send: () => Promise.resolve(), close: () => Promise.resolve() };
  createTracing({ service: 'bench', sampling: { ratio }, sink }).register();
  return { ...plain, wrap: traceNats };
}

const SETUPS: Record<Variant, () => Setup> = {
  'nats.js': () => plain,
  'by hand': byHand,
  'otel 100%': () => withOpenTelemetry(1),
  'otel 1%': () => withOpenTelemetry(0.01),
  'spanbus 100%': () => withSpanbus(1),
  'spanbus 1%': () => withSpanbus(0.01),
};

async function main([variant, servers]: string[]): Promise<void> {
  const { wrap, publish, handle } = SETUPS[variant as Variant]();
  const sender = wrap(await connect({ servers: servers! }));
  const receiver = wrap(await connect({ servers: servers! }));
  let received = 0;
  let wake = (): void => {};
  let expected = 0;
  const done = (): void => {
    if (++received === expected) wake();
  };
  receiver.subscribe(SUBJECT, { callback: (_, message) => handle(message, done) });
  await receiver.flush();

  async function run(messages: number): Promise<number> {
    const before = process.cpuUsage();
    for (let sent = 0; sent < messages; sent += BURST) {
      expected = received + BURST;
      const all = new Promise<void>((resolve) => (wake = resolve));
      for (let i = 0; i < BURST; i++) publish(sender);
      await all;
    }
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / messages;
  }

  process.on('message', (messages: number) => void run(messages).then((ns) => process.send!(ns)));
  process.on('disconnect', () => process.exit(0));
  process.send!('ready');
}

if (process.send) await main(process.argv.slice(2));
