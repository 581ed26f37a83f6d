import { SpanStatusCode } from '@opentelemetry/api';
import { expect, it } from 'vitest';
import { natsStats, traceNats } from '../../adapters/nats/index.js';
import { keep, keepHub } from '../../src/index.js';
import { describeNats, sleep, until } from '../nats-suite.js';

const LIMITED = `
max_payload: 1024
authorization {
  users: [
    { user: admin, password: admin }
    { user: guest, password: guest, permissions: {
      publish: { deny: ["secret.>"] }, subscribe: { deny: ["secret.>"] } } }
    { user: closed, password: closed, permissions: { publish: { deny: ["spanbus.keep"] } } }
  ]
}
no_auth_user: admin
`;

const failure = (promise: Promise<unknown>): Promise<Error> =>
  promise.then(
    () => Promise.reject(new Error('it did not fail')),
    (error: Error) => error,
  );

describeNats(
  'Failures',
  (suite) => {
    const guests = async () => {
      const options = { servers: suite.server.url, user: 'guest', pass: 'guest' };
      const raw = await suite.generation.connect(options);
      return { raw, nc: traceNats(await suite.generation.connect(options)) };
    };

    it('without a permission for keeps, is told so by the server once', async () => {
      const options = { servers: suite.server.url, user: 'closed', pass: 'closed' };
      const raw = await suite.generation.connect(options);
      const nc = traceNats(raw);
      const violations: unknown[] = [];
      void (async () => {
        for await (const status of raw.status()) if (status.type === 'error') violations.push(status);
      })();
      const keepOne = async (): Promise<void> => {
        const span = suite.tracing.tracer.startSpan('to be kept');
        keep('test', span);
        span.end();
        keepHub().flush();
        await nc.flush();
      };
      await keepOne();
      await until(() => violations.length > 0);
      for (let i = 0; i < 5; i++) await keepOne();
      expect(violations).toHaveLength(1);
      await nc.close();
    });

    it.each([
      ['timeout', 'timeout'],
      ['nobody', 'no_responders'],
    ])('a request that fails by %s is an error of that name', async (how, type) => {
      if (how === 'timeout') suite.nc.subscribe(`fails.${how}`, { callback: () => {} });
      await suite.nc.flush();
      const ours = await failure(suite.nc.request(`fails.${how}`, '', { timeout: 50 }));
      const theirs = await failure(suite.raw.request(`fails.${how}`, '', { timeout: 50 }));
      expect([ours.name, ours.message]).toEqual([theirs.name, theirs.message]);
      const span = await suite.span(`request fails.${how}`);
      expect(span.status.code).toBe(SpanStatusCode.ERROR);
      expect(span.attributes['error.type']).toBe(type);
    });

    it('a request that many may answer, and nobody does, is no_responders', async () => {
      const replies = await suite.nc.requestMany('fails.many', '', { maxWait: 100, strategy: 'timer' });
      await failure(
        (async () => {
          for await (const _ of replies);
        })(),
      );
      expect((await suite.span('request fails.many')).attributes['error.type']).toBe('no_responders');
    });

    it('says of a request and a publish on a closed connection what the client says', async () => {
      const { raw, nc } = await guests();
      await raw.close();
      await nc.close();
      expect((await failure(nc.request('late'))).message).toBe((await failure(raw.request('late'))).message);
      expect(() => nc.publish('late')).toThrow();
      expect((await suite.span('request late')).attributes['error.type']).toBe('connection_closed');
      expect((await suite.span('publish late')).attributes['error.type']).toBe('connection_closed');
    });

    it('fails a request that the server forbids', async () => {
      const { raw, nc } = await guests();
      const theirs = await failure(raw.request('secret.plan', '', { timeout: 500 }));
      const ours = await failure(nc.request('secret.plan', '', { timeout: 500 }));
      expect([ours.name, ours.message]).toEqual([theirs.name, theirs.message]);
      expect((await suite.span('request secret.plan')).attributes['error.type']).toBe('permission_violation');
      await Promise.all([raw.close(), nc.close()]);
    });

    it('fails a publish that the server forbids, when it says so', async () => {
      const { raw, nc } = await guests();
      nc.publish('secret.leak', 'psst');
      await nc.flush();
      await until(async () => (await suite.spans('publish secret.leak')).length === 2);
      const [sent, refused] = await suite.spans('publish secret.leak');
      expect(sent!.status.code).toBe(SpanStatusCode.UNSET);
      expect(refused).toMatchObject({ traceId: sent!.traceId, parentSpanId: sent!.spanId });
      expect(refused!.attributes['error.type']).toBe('permission_violation');
      await Promise.all([raw.close(), nc.close()]);
    });

    it.each(['callback', 'loop'])('fails a subscription that the server forbids (%s)', async (how) => {
      const { raw, nc } = await guests();
      if (how === 'callback') {
        const error = await new Promise<unknown>((resolve) => {
          nc.subscribe('secret.news', { callback: (e) => resolve(e) });
        });
        expect(error).toBeInstanceOf(Error);
      } else {
        await failure(
          (async () => {
            for await (const _ of nc.subscribe('secret.news'));
          })(),
        );
      }
      expect((await suite.span('process secret.news')).attributes['error.type']).toBe('permission_violation');
      await Promise.all([raw.close(), nc.close()]);
    });

    it('fails a subscription that no message comes to within its timeout', async () => {
      const error = await new Promise<unknown>((resolve) => {
        suite.nc.subscribe('silence', { timeout: 30, callback: (e) => resolve(e) });
      });
      expect(error).toBeInstanceOf(Error);
      expect((await suite.span('process silence')).attributes['error.type']).toBe('timeout');
    });

    it('sends a message that only our headers make too large without them, and counts it', async () => {
      const { max_payload: max } = suite.nc.info!;
      const got: { size: number; hasHeaders: boolean }[] = [];
      suite.raw.subscribe('large', {
        callback: (_, m) => void got.push({ size: m.data.length, hasHeaders: m.headers !== undefined }),
      });
      suite.raw.subscribe('large.ask', { callback: (_, m) => void m.respond(m.data) });
      await suite.raw.flush();
      const before = natsStats().omitted.max_payload;
      suite.nc.publish('large', 'x'.repeat(max));
      suite.nc.publish('large', new Uint8Array(max - 300));
      suite.nc.publish('large', 'ä'.repeat(max / 2));
      const reply = await suite.nc.request('large.ask', new Uint8Array(max));
      expect(reply.data).toHaveLength(max);
      await until(() => got.length === 3);
      expect(got).toEqual([
        { size: max, hasHeaders: false },
        { size: max - 300, hasHeaders: true },
        { size: max, hasHeaders: false },
      ]);
      expect(natsStats().omitted.max_payload - before).toBe(3);
      const [first] = await suite.spans('publish large');
      expect(first!.attributes['spanbus.headers_omitted']).toBe('max_payload');
      expect(first!.status.code).toBe(SpanStatusCode.UNSET);
    });

    it('fails a message that is too large by itself', async () => {
      const { max_payload: max } = suite.nc.info!;
      expect(() => suite.nc.publish('too.large', new Uint8Array(max + 1))).toThrow(/max_?payload/i);
      expect((await suite.span('publish too.large')).attributes['error.type']).toBe('max_payload_exceeded');
      await sleep(10);
      expect(suite.nc.isClosed()).toBe(false);
    });
  },
  LIMITED,
);

describeNats(
  'A server without headers',
  (suite) => {
    it('gets messages without ours: spans at both ends, in traces of their own', async () => {
      const before = natsStats().omitted.no_header_support;
      suite.nc.subscribe('plain.ask', { callback: (_, m) => void m.respond('yes') });
      await suite.nc.flush();
      expect((await suite.nc.request('plain.ask')).string()).toBe('yes');
      const request = await suite.span('request plain.ask');
      const process = await suite.span('process plain.ask');
      expect(process.traceId).not.toBe(request.traceId);
      expect(process.parentSpanId).toBe('');
      expect(natsStats().omitted.no_header_support).toBe(before + 1);
    });
  },
  'no_header_support: true',
);
