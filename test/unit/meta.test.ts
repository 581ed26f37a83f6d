import { context, propagation, trace } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createTracing, extractMeta, injectMeta, invokeAgent, withMeta, type Tracing } from '../../src/index.js';
import { stopTracing } from './stop-tracing.js';
import { MemorySink } from './support.js';

let tracing: Tracing;
beforeAll(() => {
  tracing = createTracing({ service: 'meta', sink: new MemorySink() }).register();
});
afterAll(() => stopTracing(tracing));

const SENT = { traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', tracestate: 'vendor=1' };
const active = () => trace.getSpanContext(context.active());
const baggageOf = (key: string) => propagation.getActiveBaggage()?.getEntry(key)?.value;

describe('_meta', () => {
  it('carries the trace, its state and its baggage unprefixed, beside what the caller has there', () => {
    const own = Object.freeze({ progressToken: 7, 'example.com/tag': 'x' });
    invokeAgent({ name: 'caller', conversationId: 'c-1' }, (span) => {
      const { traceId, spanId } = span.spanContext();
      expect(injectMeta(own)).toEqual({
        ...own,
        traceparent: `00-${traceId}-${spanId}-03`,
        tracestate: 'ot=th:0',
        baggage: 'gen_ai.conversation.id=c-1',
      });
    });
  });

  it('is untouched where there is no trace', () => {
    expect(injectMeta()).toEqual({});
    expect(injectMeta({ ...SENT, a: 1 })).toEqual({ ...SENT, a: 1 });
  });

  it('passed on carries the span that passes it on, and no state of another trace', () => {
    invokeAgent('between', (span) => {
      const passed = injectMeta(SENT);
      expect(passed.traceparent).toContain(span.spanContext().traceId);
      expect(passed.tracestate).not.toContain('vendor');
    });
  });

  it('brings its sender’s trace and baggage to whoever handles it', () => {
    withMeta({ ...SENT, baggage: 'tenant=acme' }, () => {
      expect(active()).toMatchObject({ traceId: SENT.traceparent.slice(3, 35), spanId: 'b7ad6b7169203331' });
      expect(active()!.traceState!.get('vendor')).toBe('1');
      expect(baggageOf('tenant')).toBe('acme');
    });
  });

  it('wins over the span of a connection that is in another trace', () => {
    invokeAgent('connection', () =>
      withMeta(SENT, () => expect(active()!.traceId).toBe(SENT.traceparent.slice(3, 35))),
    );
  });

  it('leaves the span of a hop that carried the same trace as the parent', () => {
    invokeAgent('caller', () => {
      const sent = { ...injectMeta(), baggage: 'tenant=acme' };
      invokeAgent('hop', (hop) =>
        withMeta(sent, () => {
          expect(active()!.spanId).toBe(hop.spanContext().spanId);
          expect(baggageOf('tenant')).toBe('acme');
        }),
      );
    });
  });

  it.each([
    undefined,
    null,
    7,
    'text',
    [],
    {},
    { traceparent: 7 },
    { traceparent: ['a', 'b'] },
    { traceparent: '00-nonsense', tracestate: {}, baggage: [] },
    Object.create({ traceparent: SENT.traceparent }),
  ])('of a stranger does no harm: %j', (meta) => {
    expect(trace.getSpanContext(extractMeta(meta))).toBeUndefined();
    invokeAgent('here', (span) => withMeta(meta, () => expect(active()!.spanId).toBe(span.spanContext().spanId)));
  });
});
