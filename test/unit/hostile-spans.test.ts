import {
  type SpanKind,
  SpanStatusCode,
  type Link,
  type Span,
  type SpanStatus,
  type TimeInput,
} from '@opentelemetry/api';
import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { createTracing } from '../../src/index.js';
import { encodeBlock } from '../../src/export/native-format.js';
import { spanColumns } from '../../src/export/span-columns.js';
import { toUnixNs } from '../../src/trace/clock.js';
import { cut } from '../../src/trace/cut.js';
import { spanBytes } from '../../src/trace/span-size.js';
import type { SpanbusSpan } from '../../src/trace/span.js';
import { MemorySink } from './support.js';

const sink = new MemorySink();
const tracing = createTracing({ service: 'hostile', sink, capture: { maxAttributeBytes: 100 } });
const { tracer } = tracing;
afterAll(() => tracing.shutdown());
beforeEach(() => {
  sink.batches.length = 0;
});

/** Code without types passes anything. */
const bad = <T>(value: unknown): T => value as T;

async function ended(use: (span: Span) => void): Promise<SpanbusSpan> {
  const span = tracer.startSpan('s');
  use(span);
  span.end();
  await tracing.forceFlush();
  const rows = sink.rows;
  // what the span became can be written
  expect(encodeBlock(spanColumns({ service: 's', attributes: {} }), rows).length).toBeGreaterThan(0);
  return sink.spans.at(-1)!;
}

describe('a span from code that breaks every rule', () => {
  it.each<[string, TimeInput]>([
    ['[1, 1.5]', [1, 1.5]],
    ['NaN', Number.NaN],
    ['null', bad<TimeInput>(null)],
    ['1e300', 1e300],
    ['-1e300', -1e300],
    ['[NaN, NaN]', [Number.NaN, Number.NaN]],
    ['[1e300, 0]', [1e300, 0]],
    ['an invalid Date', new Date(Number.NaN)],
    ['text', bad('yesterday')],
    ['an object', bad({})],
  ])('starts, has events and ends at a time that is %s', async (_, time) => {
    const span = tracer.startSpan('timed', { startTime: time });
    span.addEvent('e', {}, time);
    span.end(time);
    await ended(() => undefined);
    const [stored] = sink.spans;
    for (const clock of [stored!.startTime, stored!.endTime, stored!.events[0]!.time]) {
      expect(Number.isInteger(clock)).toBe(true);
      expect(toUnixNs(clock)).toBeGreaterThanOrEqual(0n);
      expect(toUnixNs(clock)).toBeLessThan(2n ** 63n);
    }
    expect(stored!.endTime).toBeGreaterThanOrEqual(stored!.startTime);
  });

  it.each<[string, unknown]>([
    ['is no text', [1, 2]],
    ['throws', undefined],
  ])('keeps an exception whose stack %s, without it', async (_, stack) => {
    const exception = new Error('as thrown');
    Object.defineProperty(exception, 'stack', {
      get: () => {
        if (stack === undefined) throw new Error('not this one');
        return stack;
      },
    });
    const { events } = await ended((s) => s.recordException(exception));
    expect(events[0]!.attributes).toEqual({ 'exception.type': 'Error', 'exception.message': 'as thrown' });
  });

  it.each<[string, (span: Span) => void]>([
    ['recordException(null)', (s) => s.recordException(bad(null))],
    ['addLink(undefined)', (s) => s.addLink(bad(undefined))],
    ['addLink({})', (s) => s.addLink(bad({}))],
    ['addLink({ context: {} })', (s) => s.addLink(bad<Link>({ context: {} }))],
    ['addLinks(undefined)', (s) => s.addLinks(bad(undefined))],
    ['setStatus(undefined)', (s) => s.setStatus(bad(undefined))],
    ['addEvent(undefined)', (s) => s.addEvent(bad(undefined))],
    ['addEvent of what has no text', (s) => s.addEvent(bad(Object.create(null)))],
    ['updateName of what has no text', (s) => s.updateName(bad(Object.create(null)))],
    ['setAttribute(symbol)', (s) => s.setAttribute(bad(Symbol('key')), 1)],
    ['setAttributes(null)', (s) => s.setAttributes(bad(null))],
    ['setAttribute of an object', (s) => s.setAttribute('k', bad({ toString: null }))],
  ])('takes %s', async (_, use) => {
    const span = await ended(use);
    expect(span.links).toEqual([]);
    expect(span.status).toEqual({ code: SpanStatusCode.UNSET });
    expect(span.attributes).toEqual({});
  });

  it('ignores a status that there is not', async () => {
    expect((await ended((s) => s.setStatus(bad<SpanStatus>({ code: 7 })))).status.code).toBe(SpanStatusCode.UNSET);
  });

  it.each<[string, () => Span]>([
    ['a kind that there is not', () => tracer.startSpan('s', { kind: bad<SpanKind>(9) })],
    ['no name', () => tracer.startSpan(bad(undefined))],
    ['a name without a text', () => tracer.startSpan(bad(Object.create(null)))],
    ['a name that is a symbol', () => tracer.startSpan(bad(Symbol('s')))],
    [
      'frozen attributes that hold objects',
      () => tracer.startSpan('s', { attributes: Object.freeze({ a: bad<string>({ b: 1 }), c: 1 }) }),
    ],
  ])('can be written though it has %s', async (_, start) => {
    start().end();
    await ended(() => undefined);
    const [span] = sink.spans;
    expect(typeof span!.name).toBe('string');
    expect(span!.attributes['a']).toBeUndefined();
  });
});

describe('texts of a span', () => {
  it('are cut: names at 1,024 bytes, messages and values at those of the option', async () => {
    const long = 'é'.repeat(10_000);
    tracer.startSpan(long).end();
    const span = await ended((s) => {
      s.updateName(long)
        .addEvent(long)
        .setAttribute('k', long)
        .setStatus({ code: SpanStatusCode.ERROR, message: long });
    });
    for (const name of [sink.spans[0]!.name, span.name, span.events[0]!.name]) {
      expect(name).toBe('é'.repeat(512) + '…');
    }
    expect(span.status.message).toBe('é'.repeat(50) + '…');
    expect(span.attributes['k']).toBe('é'.repeat(50) + '…');
  });

  it.each([
    ['fits', 'abc', 3, 'abc'],
    ['is too long', 'abcd', 3, 'abc…'],
    ['would end in half of é', 'aaé', 3, 'aa…'],
    ['would end in a third of €', 'a€', 3, 'a…'],
    ['would end in half of a surrogate pair', 'aa\u{1f525}', 5, 'aa…'],
    ['has no room at all', '\u{1f525}', 1, '…'],
  ])('are never cut within a character: one that %s', (_, text, bytes, expected) => {
    expect(cut(text, bytes)).toBe(expected);
  });

  it('count in the estimate of its memory', () => {
    const size = (name: string, message = ''): number => {
      const span = tracer.startSpan(name).setStatus({ code: SpanStatusCode.ERROR, message });
      return spanBytes(span as SpanbusSpan);
    };
    expect(size('x'.repeat(500)) - size('x')).toBe(499);
    expect(size('x', 'y'.repeat(90)) - size('x')).toBe(90);
  });
});
