import {
  context,
  propagation,
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  TraceFlags,
  type Context,
  type Span,
  type Tracer,
} from '@opentelemetry/api';
import { suppressed } from '../../src/trace/context.js';
import type { Side } from './otel-sides.js';

export const REMOTE = { traceId: '0af7651916cd43dd8448eb211c80319c', spanId: 'b7ad6b7169203331', traceFlags: 1 };
export const LINKED = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7', traceFlags: 1 };
export const remote = (): Context => trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, isRemote: true });
/** Values that types forbid and programs pass. */
export const bad = <T>(value: unknown): T => value as T;

export type Call = (span: Span, tracer: Tracer) => unknown;

/** Calls on a span, applied to one of each; what they return and what is exported must be the same. */
export const CALLS: [string, Call][] = [
  ['setAttribute(string)', (s) => s.setAttribute('k', 'v') === s],
  ['setAttribute(empty string)', (s) => s.setAttribute('k', '') === s],
  ['setAttribute(number)', (s) => s.setAttribute('k', 1.5) === s],
  ['setAttribute(boolean)', (s) => s.setAttribute('k', false) === s],
  ['setAttribute(NaN)', (s) => s.setAttribute('k', Number.NaN) === s],
  ['setAttribute(strings)', (s) => s.setAttribute('k', ['a', 'b']) === s],
  ['setAttribute(no items)', (s) => s.setAttribute('k', []) === s],
  ['setAttribute(holes in an array)', (s) => s.setAttribute('k', ['a', null, undefined]) === s],
  ['setAttribute(mixed array)', (s) => s.setAttribute('k', bad(['a', 1])) === s],
  ['setAttribute(nested array)', (s) => s.setAttribute('k', bad([['a']])) === s],
  ['setAttribute(object)', (s) => s.setAttribute('k', bad({ a: 1 })) === s],
  [
    'setAttribute(function)',
    (s) =>
      s.setAttribute(
        'k',
        bad(() => 1),
      ) === s,
  ],
  ['setAttribute(symbol)', (s) => s.setAttribute('k', bad(Symbol('s'))) === s],
  ['setAttribute(bigint)', (s) => s.setAttribute('k', bad(1n)) === s],
  ['setAttribute(Date)', (s) => s.setAttribute('k', bad(new Date())) === s],
  ['setAttribute(null)', (s) => s.setAttribute('k', bad(null)) === s],
  ['setAttribute(undefined)', (s) => s.setAttribute('k', bad(undefined)) === s],
  ['setAttribute(empty key)', (s) => s.setAttribute('', 'v') === s],
  ['setAttribute twice', (s) => s.setAttribute('k', 1).setAttribute('k', 2)],
  ['setAttribute null over a value', (s) => s.setAttribute('k', 1).setAttribute('k', bad(null))],
  [
    'setAttribute an array that changes later',
    (s) => {
      const list = ['a'];
      s.setAttribute('k', list);
      list.push('b');
    },
  ],
  [
    'setAttribute over the limit',
    (s) => {
      for (let i = 0; i < 130; i++) s.setAttribute(`k${i}`, i);
      s.setAttribute('k0', 'again');
    },
  ],
  [
    'setAttribute named like what objects have',
    (s) => s.setAttribute('constructor', 'c').setAttribute('toString', 't'),
  ],
  ['setAttributes', (s) => s.setAttributes({ a: 1, b: 'x', c: [true] }) === s],
  ['setAttributes with bad ones among good', (s) => s.setAttributes(bad({ a: 1, b: {}, '': 2, d: null }))],
  [
    'setAttributes of a class',
    (s) => s.setAttributes(bad(Object.create({ inherited: 1 }, { own: { value: 2, enumerable: true } }))),
  ],
  ['setAttributes(null)', (s) => s.setAttributes(bad(null)) === s],
  ['addEvent(name)', (s) => s.addEvent('e') === s],
  ['addEvent(attributes)', (s) => s.addEvent('e', { a: 1, b: ['x'] }) === s],
  ['addEvent(bad attributes)', (s) => s.addEvent('e', bad({ a: {}, b: () => 1, '': 1, ok: 1 })) === s],
  ['addEvent(time)', (s) => s.addEvent('e', 1_700_000_000_000)],
  ['addEvent(Date)', (s) => s.addEvent('e', new Date(1_700_000_000_000))],
  ['addEvent(hrtime)', (s) => s.addEvent('e', [1_700_000_000, 5])],
  ['addEvent(attributes, time)', (s) => s.addEvent('e', { a: 1 }, 1_700_000_000_000)],
  ['addEvent(time, time)', (s) => s.addEvent('e', 1_600_000_000_000, 1_700_000_000_000)],
  ['addEvent(undefined, time)', (s) => s.addEvent('e', undefined, 1_700_000_000_000)],
  [
    'addEvent over the limit',
    (s) => {
      for (let i = 0; i < 130; i++) s.addEvent(`e${i}`);
    },
  ],
  [
    'addEvent with many attributes',
    (s) => s.addEvent('e', Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`k${i}`, i]))),
  ],
  ['addLink', (s) => s.addLink({ context: LINKED }) === s],
  ['addLink with attributes', (s) => s.addLink({ context: LINKED, attributes: { a: 1, b: bad({}) } })],
  ['addLinks', (s) => s.addLinks([{ context: LINKED }, { context: REMOTE, attributes: { n: 2 } }]) === s],
  ['addLinks()', (s) => s.addLinks([]) === s],
  [
    'addLink over the limit',
    (s) => {
      for (let i = 0; i < 130; i++) s.addLink({ context: LINKED, attributes: { i } });
    },
  ],
  ['setStatus(OK)', (s) => s.setStatus({ code: SpanStatusCode.OK }) === s],
  ['setStatus(OK, message)', (s) => s.setStatus({ code: SpanStatusCode.OK, message: 'fine' })],
  ['setStatus(ERROR)', (s) => s.setStatus({ code: SpanStatusCode.ERROR })],
  ['setStatus(ERROR, message)', (s) => s.setStatus({ code: SpanStatusCode.ERROR, message: 'bad' })],
  ['setStatus(ERROR, no text)', (s) => s.setStatus({ code: SpanStatusCode.ERROR, message: bad(7) })],
  [
    'setStatus(UNSET) after ERROR',
    (s) => s.setStatus({ code: SpanStatusCode.ERROR }).setStatus({ code: SpanStatusCode.UNSET }),
  ],
  [
    'setStatus(OK) after ERROR',
    (s) => s.setStatus({ code: SpanStatusCode.ERROR }).setStatus({ code: SpanStatusCode.OK }),
  ],
  [
    'setStatus(ERROR) after OK',
    (s) => s.setStatus({ code: SpanStatusCode.OK }).setStatus({ code: SpanStatusCode.ERROR }),
  ],
  [
    'setStatus(ERROR) twice',
    (s) =>
      s.setStatus({ code: SpanStatusCode.ERROR, message: '1' }).setStatus({ code: SpanStatusCode.ERROR, message: '2' }),
  ],
  ['updateName', (s) => s.updateName('other') === s],
  ['updateName()', (s) => s.updateName('')],
  [
    'recordException(Error)',
    (s) => {
      const error = new RangeError('far');
      error.stack = 'stack';
      return s.recordException(error);
    },
  ],
  ['recordException(text)', (s) => s.recordException('plain')],
  ['recordException(empty text)', (s) => s.recordException('')],
  ['recordException(code)', (s) => s.recordException({ code: 'ENOENT', name: 'Error', message: 'gone' })],
  ['recordException(number code)', (s) => s.recordException({ code: 42, message: 'x' })],
  ['recordException(code 0)', (s) => s.recordException({ code: 0, name: 'Zero', message: 'x' })],
  ['recordException(no message)', (s) => s.recordException({ name: 'Quiet' })],
  ['recordException({})', (s) => s.recordException(bad({}))],
  ['recordException(null)', (s) => s.recordException(bad(null))],
  ['recordException(undefined)', (s) => s.recordException(bad(undefined))],
  ['recordException(time)', (s) => s.recordException('x', 1_700_000_000_000)],
  ['isRecording', (s) => s.isRecording()],
  ['isRecording after end', (s) => [s.end(), s.isRecording()]],
  ['end twice', (s) => [s.end(), s.end()]],
  [
    'everything after end',
    (s) => {
      s.end();
      s.setAttribute('k', 1).setAttributes({ l: 1 }).addEvent('e').addLink({ context: LINKED }).updateName('n');
      s.addLinks([{ context: LINKED }])
        .setStatus({ code: SpanStatusCode.ERROR })
        .recordException('x');
    },
  ],
  [
    'an end before this process began, then everything',
    (s) => [s.end(1_000_000_000_000), s.isRecording(), s.updateName('n')].length,
  ],
  [
    'ids of the right form',
    (s) => [/^[0-9a-f]{32}$/.test(s.spanContext().traceId), /^[0-9a-f]{16}$/.test(s.spanContext().spanId)],
  ],
  ['a sampled flag', (s) => Boolean(s.spanContext().traceFlags & TraceFlags.SAMPLED)],
  [
    'chaining',
    (s) => s.setAttribute('a', 1).addEvent('e').updateName('n').setStatus({ code: SpanStatusCode.OK }) === s,
  ],
];

/** Ways to start spans; every span is ended by the call itself. */
export const STARTS: [string, (tracer: Tracer, side: Side) => unknown][] = [
  ['startSpan(name)', (t) => t.startSpan('s').end()],
  ...[SpanKind.INTERNAL, SpanKind.SERVER, SpanKind.CLIENT, SpanKind.PRODUCER, SpanKind.CONSUMER].map(
    (kind): [string, (tracer: Tracer) => void] => [
      `startSpan(kind ${SpanKind[kind]})`,
      (t) => t.startSpan('s', { kind }).end(),
    ],
  ),
  [
    'startSpan(attributes)',
    (t) => t.startSpan('s', { attributes: { a: 1, b: bad({}), c: bad(null), d: ['x'] } }).end(),
  ],
  ['startSpan(frozen attributes)', (t) => t.startSpan('s', { attributes: bad(Object.freeze({ a: 1, b: {} })) }).end()],
  [
    'startSpan(frozen attributes), then changed',
    (t) =>
      t
        .startSpan('s', { attributes: Object.freeze({ a: 1 }) })
        .setAttribute('a', 2)
        .end(),
  ],
  ['startSpan(no attributes)', (t) => t.startSpan('s', { attributes: bad(null) }).end()],
  [
    'startSpan(attributes that change later)',
    (t) => {
      const attributes = { a: 1 };
      const span = t.startSpan('s', { attributes });
      attributes.a = 2;
      span.end();
    },
  ],
  [
    'startSpan(too many attributes)',
    (t) =>
      t.startSpan('s', { attributes: Object.fromEntries(Array.from({ length: 130 }, (_, i) => [`k${i}`, i])) }).end(),
  ],
  [
    'startSpan(links)',
    (t) => t.startSpan('s', { links: [{ context: LINKED, attributes: { a: 1 } }, { context: REMOTE }] }).end(),
  ],
  ['startSpan(no links)', (t) => t.startSpan('s', { links: bad(null) }).end()],
  ['startSpan(startTime, ms)', (t) => t.startSpan('s', { startTime: 1_700_000_000_000 }).end(1_700_000_000_250)],
  [
    'startSpan(startTime, Date)',
    (t) => t.startSpan('s', { startTime: new Date(1_700_000_000_000) }).end(new Date(1_700_000_001_000)),
  ],
  ['startSpan(startTime, hrtime)', (t) => t.startSpan('s', { startTime: [1_700_000_000, 1] }).end([1_700_000_000, 2])],
  [
    'startSpan(startTime, performance)',
    (t) => t.startSpan('s', { startTime: performance.now() - 5 }).end(performance.now()),
  ],
  ['end before start', (t) => t.startSpan('s', { startTime: 1_700_000_000_000 }).end(1_600_000_000_000)],
  ['a remote parent', (t) => t.startSpan('s', {}, remote()).end()],
  ['a remote parent, to be ignored', (t) => t.startSpan('s', { root: true }, remote()).end()],
  [
    'an invalid parent',
    (t) =>
      t
        .startSpan(
          's',
          {},
          trace.setSpanContext(ROOT_CONTEXT, { traceId: '0'.repeat(32), spanId: '0'.repeat(16), traceFlags: 1 }),
        )
        .end(),
  ],
  [
    'tracing suppressed',
    (t) => {
      const span = t.startSpan('s', {}, suppressed(remote()));
      span.end();
      return [span.isRecording(), span.spanContext()];
    },
  ],
  ['the active span as parent', (t) => context.with(remote(), () => t.startSpan('s').end())],
  [
    'a parent that has ended',
    (t) => {
      const parent = t.startSpan('p', {}, remote());
      parent.end();
      const child = t.startSpan('c', {}, trace.setSpan(ROOT_CONTEXT, parent));
      child.end();
      return child.spanContext().traceId === parent.spanContext().traceId;
    },
  ],
  [
    'startActiveSpan(name, fn)',
    (t) => t.startActiveSpan('s', (s) => [s.end(), trace.getActiveSpan() === s, 'returned']),
  ],
  [
    'startActiveSpan(name, options, fn)',
    (t) => t.startActiveSpan('s', { kind: SpanKind.CLIENT, attributes: { a: 1 } }, (s) => s.end()),
  ],
  ['startActiveSpan(name, options, context, fn)', (t) => t.startActiveSpan('s', {}, remote(), (s) => s.end())],
  [
    'startActiveSpan(name, undefined, undefined, fn)',
    (t) => t.startActiveSpan('s', bad(undefined), bad(undefined), (s: Span) => s.end()),
  ],
  [
    'startActiveSpan that throws',
    (t) => {
      try {
        t.startActiveSpan('s', (s) => {
          s.end();
          throw new Error('through');
        });
      } catch (error) {
        return (error as Error).message;
      }
      return undefined;
    },
  ],
  [
    'startActiveSpan that is awaited',
    (t) =>
      t.startActiveSpan('s', async (s) => {
        await Promise.resolve();
        const active = trace.getActiveSpan() === s;
        s.end();
        return active;
      }),
  ],
  ['startActiveSpan without a function', (t) => (t.startActiveSpan as (name: string) => unknown)('s')],
  [
    'a context with baggage',
    (t) =>
      t.startSpan('s', {}, propagation.setBaggage(remote(), propagation.createBaggage({ k: { value: 'v' } }))).end(),
  ],
  ['another tracer', (_, side) => side.getTracer('other', '2.0').startSpan('s').end()],
  ['a tracer without a version', (_, side) => side.getTracer('plain').startSpan('s').end()],
];
