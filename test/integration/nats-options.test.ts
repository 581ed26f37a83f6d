import { context, propagation, SpanKind, trace } from '@opentelemetry/api';
import { InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterEach, expect, it } from 'vitest';
import { traceNats, type TraceNatsOptions } from '../../adapters/nats/index.js';
import { InvalidOptionError } from '../../src/index.js';
import { describeNats, until } from '../nats-suite.js';

describeNats('Options', (suite) => {
  const open: NatsConnection[] = [];

  const connect = async (options: TraceNatsOptions): Promise<NatsConnection> => {
    const nc = traceNats(await suite.generation.connect({ servers: suite.server.url }), options);
    open.push(nc);
    return nc;
  };
  afterEach(async () => {
    await Promise.all(open.splice(0).map((nc) => nc.close()));
  });

  const names = async (): Promise<string[]> => (await suite.spans()).map((span) => span.name).sort();

  it('gives a connection one front, however often and with whatever options it is asked for', async () => {
    const raw = await suite.generation.connect({ servers: suite.server.url });
    open.push(raw);
    const front = traceNats(raw);
    expect(traceNats(raw)).toBe(front);
    expect(traceNats(raw, { relation: 'link' })).toBe(front);
    expect(traceNats(front)).toBe(front);
  });

  it('traces the subjects that are included and not excluded', async () => {
    const nc = await connect({ include: ['agents.>', 'tools.*'], exclude: ['agents.*.heartbeat'] });
    nc.subscribe('>', { callback: () => {} });
    for (const s of ['agents.a.ask', 'agents.a.heartbeat', 'tools.x', 'tools.x.y', 'other']) nc.publish(s, '');
    await nc.flush();
    expect(await names()).toEqual([
      'process agents.a.ask',
      'process tools.x',
      'publish agents.a.ask',
      'publish tools.x',
    ]);
  });

  it('adds nothing to messages on subjects that are not traced', async () => {
    const nc = await connect({ exclude: ['quiet'] });
    const got = new Promise<unknown>((resolve) => {
      suite.raw.subscribe('quiet', { callback: (_, m) => resolve(m.headers) });
    });
    await suite.raw.flush();
    nc.publish('quiet', '');
    expect(await got).toBeUndefined();
  });

  it.each(['$JS.API.INFO', '$SYS.REQ.USER.INFO', 'spanbus.keep'])('never traces %s', async (subject) => {
    const nc = await connect({ include: ['>'] });
    nc.subscribe(subject, { callback: () => {} });
    nc.publish(subject, '');
    await nc.flush();
    expect(await names()).toEqual([]);
  });

  it.each([[{ include: ['a b'] }], [{ exclude: ['a.>.b'] }], [{ include: ['a..b'] }]])(
    'refuses %o',
    async (options) => {
      await expect(connect(options)).rejects.toThrow(InvalidOptionError);
    },
  );

  it('links handled messages to their senders, in the trace they are handled in, when asked to', async () => {
    const nc = await connect({ relation: 'link' });
    const sub = nc.subscribe('linked', { max: 1 });
    nc.publish('linked', '');
    await suite.tracing.tracer.startActiveSpan('my job', async (job) => {
      for await (const _ of sub);
      job.end();
    });
    const job = await suite.span('my job');
    const publish = await suite.span('publish linked');
    const process = await suite.span('process linked');
    expect(process).toMatchObject({ traceId: job.traceId, parentSpanId: job.spanId });
    expect(process.links.map((l) => l.context.spanId)).toEqual([publish.spanId]);
  });

  it('takes the user’s template, and recognises ids where it has none', async () => {
    const nc = await connect({
      destinationTemplate: (subject) => (subject.startsWith('tenant.') ? 'tenant.{name}.ask' : undefined),
    });
    nc.publish('tenant.alice.ask', '');
    nc.publish('job.4711', '');
    expect(await names()).toEqual(['publish job.{id}', 'publish tenant.{name}.ask']);
    const span = await suite.span('publish tenant.{name}.ask');
    expect(span.attributes).toMatchObject({
      'messaging.destination.name': 'tenant.alice.ask',
      'messaging.destination.template': 'tenant.{name}.ask',
    });
  });

  it('lets hooks name and annotate spans', async () => {
    const seen: string[] = [];
    const nc = await connect({
      spanName: (operation, template) => `${operation.toUpperCase()} ${template}`,
      onSpan: (span, { operation, subject, message }) => {
        seen.push(`${operation} ${subject} ${message?.data.length ?? '-'}`);
        span.setAttribute('tenant', 'acme');
      },
    });
    nc.subscribe('hooked', { callback: (_, m) => void m.respond('x') });
    await nc.request('hooked', 'four');
    expect(await names()).toEqual(['PROCESS hooked', 'REQUEST hooked']);
    expect(seen).toEqual(['request hooked -', 'process hooked 4']);
    for (const span of await suite.spans()) expect(span.attributes['tenant']).toBe('acme');
  });

  it('survives hooks that throw', async () => {
    const fail = (): never => {
      throw new Error('hook');
    };
    const nc = await connect({ spanName: fail, destinationTemplate: fail, onSpan: fail });
    let count = 0;
    nc.subscribe('hook.fails', { callback: () => void count++ });
    nc.publish('hook.fails', '');
    await nc.flush();
    expect(count).toBe(1);
    expect(await names()).toEqual(['process hook.fails', 'publish hook.fails']);
  });

  it('makes its spans with another provider: here OpenTelemetry’s own', async () => {
    const exporter = new InMemorySpanExporter();
    const tracerProvider = new NodeTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
    const nc = await connect({ tracerProvider });
    nc.subscribe('theirs', { callback: (_, m) => void m.respond('x') });
    await nc.request('theirs');
    await until(() => exporter.getFinishedSpans().length === 2);
    const [process, request] = exporter.getFinishedSpans();
    expect(request).toMatchObject({ name: 'request theirs', kind: SpanKind.CLIENT });
    expect(process!.parentSpanContext?.spanId).toBe(request!.spanContext().spanId);
    expect(await names()).toEqual([]);
  });

  it('reads the name that servers from 2.11 give traceparent when they decline to trace', async () => {
    const headers = suite.generation.headers();
    headers.set('Xraceparent', `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`);
    suite.nc.subscribe('renamed', { callback: () => {} });
    await suite.nc.flush();
    suite.raw.publish('renamed', '', { headers });
    await suite.raw.flush();
    await suite.nc.flush();
    expect(await suite.span('process renamed')).toMatchObject({
      traceId: 'a'.repeat(32),
      parentSpanId: 'b'.repeat(16),
    });
  });

  it('leaves the connection as it is when nothing is registered', async () => {
    const [provider, manager] = [trace.getTracerProvider(), context.active()];
    expect(provider).toBeDefined();
    expect(manager).toBeDefined();
    trace.disable();
    propagation.disable();
    try {
      const nc = await connect({});
      const own = suite.generation.headers();
      own.set('traceparent', 'the user’s own affair'.replace('’', "'"));
      const got: (string | undefined)[] = [];
      nc.subscribe('noop', { callback: (_, m) => void got.push(m.headers?.get('traceparent')) });
      nc.publish('noop', '');
      nc.publish('noop', '', { headers: own });
      await nc.flush();
      expect(got).toEqual([undefined, "the user's own affair"]);
    } finally {
      suite.tracing.register();
    }
  });
});
