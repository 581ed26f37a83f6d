import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  trace,
  type TextMapGetter,
  type TextMapSetter,
} from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { BasicTracerProvider, BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace-base';
import { Redis } from 'ioredis';
import { pack, unpack } from 'msgpackr';
import { traceRedis } from '../../adapters/redis/index.js';
import { createTracing, type SpanSink } from '../../src/index.js';

/** One process that publishes on one connection and receives on another, tracing in one of several ways. */
export const VARIANTS = ['ioredis alone', 'envelope by hand, OpenTelemetry SDK', 'spanbus'] as const;
export type Variant = (typeof VARIANTS)[number];

/** One's own: others listen on the same server. */
const CHANNEL = `agents:bench:${'abc'[VARIANTS.indexOf(process.argv[2] as Variant)]}`;
const PAYLOAD = 'x'.repeat(128);
/** Messages between two waits for all of them. */
const BATCH = 100;

/** How a variant publishes, and what it does so that `received` is called once for each message. */
interface Hop {
  publish(): Promise<unknown>;
}

function raw(redis: Redis, sub: Redis, received: () => void): Hop {
  sub.on('message', (_channel, message) => {
    if (message.length === PAYLOAD.length) received();
  });
  return { publish: () => redis.publish(CHANNEL, PAYLOAD) };
}

function spanbus(redis: Redis, sub: Redis, received: () => void): Hop {
  const sink: SpanSink = { send: async () => {}, close: async () => {} };
  createTracing({ service: 'bench', sink }).register();
  const options = { wrap: { channels: [CHANNEL] } };
  return raw(traceRedis(redis, options), traceRedis(sub, options), received);
}

/** An envelope packed by hand around the OpenTelemetry SDK, as its users write it. */
function sdk(redis: Redis, sub: Redis, received: () => void): Hop {
  const exporter: SpanExporter = {
    export: (_spans, done) => done({ code: 0 }),
    shutdown: async () => {},
  };
  const provider = new BasicTracerProvider({ spanProcessors: [new BatchSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  propagation.setGlobalPropagator(new W3CTraceContextPropagator());
  const tracer = trace.getTracer('bench');
  type Headers = Record<string, string>;
  const setter: TextMapSetter<Headers> = { set: (headers, key, value) => (headers[key] = value) };
  const getter: TextMapGetter<Headers> = { get: (headers, key) => headers[key], keys: Object.keys };
  const attributes = (name: string, type: string) => ({
    'messaging.system': 'redis',
    'messaging.operation.name': name,
    'messaging.operation.type': type,
    'messaging.destination.name': CHANNEL,
    'server.address': '127.0.0.1',
    'server.port': redis.options.port,
  });
  sub.on('messageBuffer', (_channel, bytes) => {
    const [headers, payload] = unpack(bytes) as [Headers, string];
    const parent = propagation.extract(ROOT_CONTEXT, headers, getter);
    const options = { kind: SpanKind.CONSUMER, attributes: attributes('process', 'process') };
    const span = tracer.startSpan(`process ${CHANNEL}`, options, parent);
    context.with(trace.setSpan(parent, span), () => {
      if (payload.length === PAYLOAD.length) received();
    });
    span.end();
  });
  return {
    async publish() {
      const options = { kind: SpanKind.PRODUCER, attributes: attributes('publish', 'send') };
      const span = tracer.startSpan(`publish ${CHANNEL}`, options);
      const headers: Headers = {};
      propagation.inject(trace.setSpan(context.active(), span), headers, setter);
      try {
        return await redis.publish(CHANNEL, pack([headers, PAYLOAD]));
      } finally {
        span.end();
      }
    },
  };
}

const SETUPS: Record<Variant, typeof raw> = {
  'ioredis alone': raw,
  'envelope by hand, OpenTelemetry SDK': sdk,
  spanbus,
};

async function main([variant, port]: string[]): Promise<void> {
  const [redis, sub] = [new Redis(Number(port)), new Redis(Number(port))];
  await Promise.all([redis.ping(), sub.subscribe(CHANNEL)]);
  let count = 0;
  let whenAll: (() => void) | undefined;
  const hop = SETUPS[variant as Variant](redis, sub, () => {
    if (++count % BATCH === 0) whenAll?.();
  });

  /** CPU of a hop, ns. */
  async function run(hops: number): Promise<number> {
    const before = process.cpuUsage();
    for (let sent = 0; sent < hops; sent += BATCH) {
      const delivered = new Promise<void>((resolve) => (whenAll = resolve));
      await Promise.all(Array.from({ length: BATCH }, () => hop.publish()));
      await delivered;
    }
    const { user, system } = process.cpuUsage(before);
    return ((user + system) * 1000) / hops;
  }

  process.on('message', (hops: number) => void run(hops).then((ns) => process.send!(ns)));
  process.on('disconnect', () => process.exit(0));
  process.send!('ready');
}

if (process.send) await main(process.argv.slice(2));
