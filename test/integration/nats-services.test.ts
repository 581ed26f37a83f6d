import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import type { Service, ServiceMsg } from '@nats-io/services';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { consume } from '../../adapters/nats/index.js';
import { describeNats, sleep, until } from '../nats-suite.js';

describeNats('Services', (suite) => {
  let service: Service;

  beforeEach(async () => {
    service = await suite.generation.services(suite.nc).add({ name: 'math', version: '1.0.0' });
  });
  afterEach(async () => {
    await service.stop();
  });

  it('answers in the caller’s trace until the answer is sent, though the handler’s promise is swallowed', async () => {
    service.addEndpoint('double', (_, message) => {
      void sleep(30).then(() => {
        suite.tracing.tracer.startSpan('work').end();
        message.respond(String(Number(message.string()) * 2));
      });
    });
    await suite.nc.flush();
    expect((await suite.nc.request('double', '21')).string()).toBe('42');
    const request = await suite.span('request double');
    const process = await suite.span('process double');
    expect(process).toMatchObject({ kind: SpanKind.SERVER, parentSpanId: request.spanId });
    expect(process.attributes['messaging.consumer.group.name']).toBe('q');
    expect(process.endTime - process.startTime).toBeGreaterThan(25e6);
    expect((await suite.span('work')).parentSpanId).toBe(process.spanId);
  });

  it('names endpoints in groups by their whole subject', async () => {
    service
      .addGroup('v1')
      .addGroup('calc')
      .addEndpoint('add', (_, message) => void message.respond('3'));
    await suite.nc.flush();
    await suite.nc.request('v1.calc.add');
    expect((await suite.span('process v1.calc.add')).kind).toBe(SpanKind.SERVER);
  });

  it('fails both spans of an error answer, by the service’s code', async () => {
    service.addEndpoint('fails', (_, message) => void message.respondError(404, 'no such number'));
    await suite.nc.flush();
    const reply = await suite.nc.request('fails');
    expect(reply.headers?.get('Nats-Service-Error')).toBe('no such number');
    for (const name of ['request fails', 'process fails']) {
      const span = await suite.span(name);
      expect(span.status).toEqual({ code: SpanStatusCode.ERROR, message: 'no such number' });
      expect(span.attributes['error.type']).toBe('404');
    }
  });

  it('fails both spans of a handler that throws, and leaves the service’s own counts to it', async () => {
    service.addEndpoint('throws', () => {
      throw new Error('broken');
    });
    await suite.nc.flush();
    const reply = await suite.nc.request('throws');
    expect(reply.headers?.get('Nats-Service-Error-Code')).toBe('500');
    for (const name of ['request throws', 'process throws']) {
      expect((await suite.span(name)).attributes['error.type']).toBe('500');
    }
    const { endpoints } = await service.stats();
    expect(endpoints).toHaveLength(1);
    expect(endpoints![0]).toMatchObject({ name: 'throws', num_requests: 1, num_errors: 1 });
  });

  it('traces an endpoint that is read by a loop, until it answers', async () => {
    const endpoint = service.addEndpoint('looped');
    void consume(endpoint as AsyncIterable<ServiceMsg>, async (message) => {
      await sleep(20);
      suite.tracing.tracer.startSpan('in loop').end();
      message.respond('ok');
    });
    await suite.nc.flush();
    await suite.nc.request('looped');
    await until(async () => (await suite.spans('process looped')).length === 1);
    const process = await suite.span('process looped');
    expect(process.endTime - process.startTime).toBeGreaterThan(15e6);
    expect((await suite.span('in loop')).parentSpanId).toBe(process.spanId);
  });

  it('leaves the services’ own protocol untraced', async () => {
    const pings = await suite.nc.requestMany('$SRV.PING', '', { maxWait: 100, strategy: 'timer' });
    const names: unknown[] = [];
    for await (const ping of pings) names.push(ping.json<{ name: string }>().name);
    expect(names).toEqual(['math']);
    expect(await suite.spans()).toHaveLength(0);
  });
});
