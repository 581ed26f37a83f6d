import { defaultTextMapGetter, propagation, ROOT_CONTEXT, trace } from '@opentelemetry/api';
import { describe, expect, it } from 'vitest';
import { propagator } from '../../src/index.js';
import { suppressed } from '../../src/trace/context.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${TRACE}-00f067aa0ba902b7-01`;
type Carrier = Record<string, string | string[]>;

const setter = { set: (carrier: Carrier, key: string, value: string) => void (carrier[key] = value) };
const extract = (carrier: Carrier) => propagator.extract(ROOT_CONTEXT, carrier, defaultTextMapGetter);

function passOn(carrier: Carrier): Carrier {
  const next: Carrier = {};
  propagator.inject(extract(carrier), next, setter);
  return next;
}

describe('the propagator', () => {
  it('passes on what it received', () => {
    const carrier = { traceparent, tracestate: 'a=1', baggage: 'k=v' };
    expect(passOn(carrier)).toEqual(carrier);
  });

  it('names its headers', () => expect(propagator.fields()).toEqual(['traceparent', 'tracestate', 'baggage']));

  it.each([
    ['traceparent is not valid', { traceparent: 'x', tracestate: 'a=1' }],
    ['there is no traceparent', { tracestate: 'a=1' }],
    ['traceparent came twice', { traceparent: [traceparent, traceparent], tracestate: 'a=1' }],
  ])('starts a new trace and ignores tracestate when %s', (_, carrier) => expect(passOn(carrier)).toEqual({}));

  it('keeps the trace and drops the state when tracestate is not valid', () => {
    expect(passOn({ traceparent, tracestate: 'a=1,B=2' })).toEqual({ traceparent });
  });

  it('joins a tracestate of several headers', () => {
    expect(passOn({ traceparent, tracestate: ['a=1', 'b=2'] })).toEqual({ traceparent, tracestate: 'a=1,b=2' });
  });

  it('reads the name that NATS servers give a traceparent they decline', () => {
    expect(passOn({ Xraceparent: traceparent })).toEqual({ traceparent });
  });

  it('carries baggage without a trace', () => expect(passOn({ baggage: 'k=v' })).toEqual({ baggage: 'k=v' }));

  it('marks what it extracted as remote', () => {
    expect(trace.getSpanContext(extract({ traceparent }))).toMatchObject({ traceId: TRACE, isRemote: true });
  });

  it('injects nothing where tracing is suppressed', () => {
    const carrier: Carrier = {};
    propagator.inject(suppressed(extract({ traceparent, baggage: 'a=b' })), carrier, setter);
    expect(carrier).toEqual({});
  });

  it('survives headers of every kind', () => {
    const texts = [
      '',
      ' ',
      '\0',
      '💥',
      '00-',
      'x'.repeat(100_000),
      '%',
      '=',
      ',',
      ';',
      '__proto__=1',
      traceparent + '\n',
    ];
    for (const a of texts) {
      for (const b of texts) {
        const context = extract({ traceparent: a, tracestate: b, baggage: [a, b] });
        expect(propagation.getBaggage(context)?.getEntry('polluted')).toBeUndefined();
      }
    }
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined();
  });
});
