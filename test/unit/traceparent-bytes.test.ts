import { describe, expect, it } from 'vitest';
import { spanBlock } from '../../adapters/nats/span-blocks.js';
import { readTraceparent, writeTraceparent } from '../../src/propagation/traceparent-bytes.js';
import { parseTraceparent } from '../../src/propagation/traceparent.js';
import { KeptTraces } from '../../src/sampling/kept-traces.js';
import { newSpanId, newTraceId, traceIdOf, traceWordsOf } from '../../src/trace/ids.js';
import { RemoteSpan } from '../../src/trace/remote-span.js';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';
const read = (header: string, at = 0) => readTraceparent(Buffer.from(header, 'latin1'), at)?.spanContext();

describe('a traceparent as bytes', () => {
  it('is read and written as text is, whatever its ids', () => {
    for (let i = 0; i < 1000; i++) {
      const context = { traceId: newTraceId(), spanId: newSpanId(), traceFlags: i & 3 };
      const bytes = Buffer.alloc(57, 'x');
      writeTraceparent(RemoteSpan.of(context), bytes, 1);
      const header = `00-${context.traceId}-${context.spanId}-0${context.traceFlags}`;
      expect(bytes.toString('latin1')).toBe(`x${header}x`);
      expect(readTraceparent(bytes, 1)?.spanContext()).toEqual(parseTraceparent(header));
    }
  });

  it.each([
    ['upper case', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a digit that is none', `00-${TRACE.replace('4', 'g')}-${SPAN}-01`],
    ['no trace', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['no span', `00-${TRACE}-${'0'.repeat(16)}-01`],
    ['another version', `01-${TRACE}-${SPAN}-01`],
    ['a dash that is missing', `00-${TRACE}_${SPAN}-01`],
    ['flags that are none', `00-${TRACE}-${SPAN}-0x`],
    ['an end that is missing', `00-${TRACE}-${SPAN}-0`],
  ])('is left to the reader of text where it has %s', (_, header) => {
    expect(read(header)).toBeUndefined();
    expect(read('', 5)).toBeUndefined();
  });

  it('keeps the flags that are known', () => {
    expect(read(`00-${TRACE}-${SPAN}-ff`)?.traceFlags).toBe(3);
    expect(read(`00-${TRACE}-${SPAN}-09`)?.traceFlags).toBe(1);
  });
});

describe('header blocks', () => {
  const span = RemoteSpan.of({ traceId: TRACE, spanId: SPAN, traceFlags: 1 });
  const text = (state: string): string => Buffer.from(spanBlock(span, state)).toString('latin1');
  const parent = `NATS/1.0\r\ntraceparent: 00-${TRACE}-${SPAN}-01\r\n`;

  it('are one message’s own, however many are made', () => {
    const other = RemoteSpan.of({ traceId: newTraceId(), spanId: newSpanId(), traceFlags: 0 });
    const first = spanBlock(span, '');
    for (let i = 0; i < 2000; i++) spanBlock(other, '');
    expect(Buffer.from(first).toString('latin1')).toBe(`${parent}\r\n`);
  });

  it('carry the state, each its own of many', () => {
    const states = Array.from({ length: 100 }, (_, i) => `vendor=${i}`);
    for (const state of [...states, ...states]) expect(text(state)).toBe(`${parent}tracestate: ${state}\r\n\r\n`);
  });

  it('do not carry a state that would begin another header', () => {
    expect(text('a=b\r\nevil: yes')).toBe(`${parent}\r\n`);
  });
});

describe('kept traces', () => {
  it('are told apart though they end alike, and the newest 25,000 at least are known', () => {
    const kept = new KeptTraces();
    const id = (i: number): string => i.toString(16).padStart(16, '0') + '0000000000000001';
    for (let i = 1; i <= 60; i++) kept.add({ traceId: id(i), reason: 'error', weight: i });
    for (let i = 1; i <= 60; i++) expect(kept.get(traceWordsOf(id(i)))?.weight).toBe(i);
    expect(kept.get(traceWordsOf(id(61)))).toBeUndefined();
    kept.add({ traceId: id(7), reason: 'error', weight: 1 });
    expect(kept.get(traceWordsOf(id(7)))?.weight).toBe(1);
    const ids = Array.from({ length: 80_000 }, newTraceId);
    for (const traceId of ids) kept.add({ traceId, reason: 'slow', weight: 1 });
    for (const traceId of ids.slice(-25_000)) expect(kept.get(traceWordsOf(traceId))?.traceId).toBe(traceId);
    expect(kept.get(traceWordsOf(id(7)))).toBeUndefined();
  });

  it('have ids that are the same as words', () => {
    expect(traceIdOf(traceWordsOf(TRACE))).toBe(TRACE);
  });
});
