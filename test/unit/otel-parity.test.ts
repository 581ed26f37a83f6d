import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { context, ROOT_CONTEXT, trace, type Attributes, type Span, type Tracer } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { bad, CALLS, LINKED, REMOTE, STARTS } from './otel-calls.js';
import { ours, sides, stops, theirs, type Seen, type Side } from './otel-sides.js';

beforeAll(() => {
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  Object.assign(sides, { ours: ours(), theirs: theirs() });
});
afterAll(async () => {
  context.disable();
  await Promise.all(stops.map((stop) => stop()));
});

async function compare(run: (side: Side) => unknown): Promise<void> {
  const results = [await run(sides.theirs), await run(sides.ours)];
  const [theirs, ours] = [await sides.theirs.exported(), await sides.ours.exported()];
  expect(results[1]).toEqual(results[0]);
  expect(ours).toHaveLength(theirs.length);
  for (const [i, their] of theirs.entries()) {
    const our = ours[i]!;
    // random ids are equal when both are, or neither is, the caller's
    const known = (id: string) => (id === REMOTE.traceId || id === REMOTE.spanId || id === '' ? id : 'new');
    const plain = (seen: Seen) => ({ ...seen, parent: known(seen.parent), traced: known(seen.traced) });
    expect(plain(our.seen)).toEqual(plain(their.seen));
    // no clock of the two may be off by more than a pause of this process
    expect(Math.abs(our.start - their.start)).toBeLessThan(50);
    expect(Math.abs(our.end - their.end)).toBeLessThan(50);
    our.eventTimes.forEach((time, k) => expect(Math.abs(time - their.eventTimes[k]!)).toBeLessThan(50));
  }
}

describe('a span of ours is exported as OpenTelemetry’s own after', () => {
  it.each(CALLS)('%s', (_, call) =>
    compare((side) => {
      const span = side.tracer.startSpan('span');
      const result = call(span, side.tracer);
      if (span.isRecording()) span.end();
      return result === span ? 'the span' : result;
    }),
  );

  it.each(STARTS)('%s', (_, start) => compare((side) => start(side.tracer, side)));

  it('is compared over 60 calls and more', () => expect(CALLS.length + STARTS.length).toBeGreaterThan(60));
});

it('each difference is a heading of docs/opentelemetry.md, with its reason, and no other is', () => {
  const own = readFileSync(import.meta.filename, 'utf8');
  const named = own.slice(own.lastIndexOf('describe(')).matchAll(/^ {2}it\('([^']+)'/gm);
  const doc = readFileSync(join(import.meta.dirname, '../../docs/opentelemetry.md'), 'utf8');
  const explained = doc.matchAll(/^### (.+)\n(?=\S)/gm);
  const text = (found: Iterable<RegExpMatchArray>) => [...found].map(([, name]) => name);
  expect(text(explained)).toEqual(text(named));
});

/** Each is a heading of docs/opentelemetry.md, with its reason. */
describe('a span of ours differs on purpose', () => {
  const both = async (run: (tracer: Tracer) => Span) => {
    const [their, our] = [run(sides.theirs.tracer), run(sides.ours.tracer)];
    const [[theirs], [ours]] = [await sides.theirs.exported(), await sides.ours.exported()];
    return { their, our, theirs: theirs?.seen, ours: ours?.seen };
  };
  const ended = (span: Span): Span => {
    span.end();
    return span;
  };

  it('a root says that its trace id is random, and its children keep the flag', async () => {
    const { their, our } = await both((t) => ended(t.startSpan('s')));
    expect([their.spanContext().traceFlags, our.spanContext().traceFlags]).toEqual([1, 3]);
    const parent = trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, traceFlags: 3, isRemote: true });
    const below = await both((t) => ended(t.startSpan('s', {}, parent)));
    expect([below.their.spanContext().traceFlags, below.our.spanContext().traceFlags]).toEqual([1, 3]);
  });

  it('a context is written out each time it is asked for', async () => {
    const { their, our } = await both((t) => ended(t.startSpan('s')));
    expect(their.spanContext()).toBe(their.spanContext());
    expect(our.spanContext()).not.toBe(our.spanContext());
    expect(our.spanContext()).toEqual(our.spanContext());
  });

  it('a sampled root says with which probability', async () => {
    const { their, our } = await both((t) => ended(t.startSpan('s')));
    expect(their.spanContext().traceState).toBeUndefined();
    expect(our.spanContext().traceState?.serialize()).toBe('ot=th:0');
  });

  it('a span below an unsampled parent is recorded', async () => {
    const parent = trace.setSpanContext(ROOT_CONTEXT, { ...REMOTE, traceFlags: 0, isRemote: true });
    const { their, our } = await both((t) => t.startSpan('s', {}, parent));
    expect([their.isRecording(), our.isRecording()]).toEqual([false, true]);
    our.end();
    await sides.ours.exported();
  });

  it('a long value is cut, and shows that it was', async () => {
    const { theirs, ours } = await both((t) => ended(t.startSpan('s').setAttribute('k', 'x'.repeat(20_000))));
    expect(theirs!.attributes['k']).toHaveLength(20_000);
    expect(ours!.attributes['k']).toBe(`${'x'.repeat(16_384)}…`);
  });

  it('a null in an event’s or link’s attributes is left out, as on a span', async () => {
    const given = bad<Attributes>({ a: null, b: 1 });
    const { theirs, ours } = await both((t) =>
      ended(t.startSpan('s').addEvent('e', given).addLink({ context: LINKED, attributes: given })),
    );
    expect([theirs!.events[0]!.attributes, theirs!.links[0]!.attributes]).toEqual([given, given]);
    expect([ours!.events[0]!.attributes, ours!.links[0]!.attributes]).toEqual([{ b: 1 }, { b: 1 }]);
  });

  it('a name that is no text becomes one', async () => {
    const { theirs, ours } = await both((t) => ended(t.startSpan(bad(undefined)).updateName(bad(7))));
    expect([theirs!.name, ours!.name]).toEqual([7, '7']);
  });

  it('a link to nothing is left out', async () => {
    const { theirs, ours } = await both((t) => ended(t.startSpan('s').addLink(bad({}))));
    expect([theirs!.links.length, ours!.links.length]).toEqual([1, 0]);
  });

  it('prompts and replies are not among its attributes', async () => {
    const { theirs, ours } = await both((t) => ended(t.startSpan('s').setAttribute('gen_ai.input.messages', 'hello')));
    expect([theirs!.attributes, ours!.attributes]).toEqual([{ 'gen_ai.input.messages': 'hello' }, {}]);
  });

  it('times are whole nanoseconds of one clock that never runs backwards', async () => {
    const spans: Span[] = [];
    for (let i = 0; i < 200; i++) spans.push(ended(sides.ours.tracer.startSpan(`s${i}`)));
    const exported = await sides.ours.exported();
    for (let i = 1; i < exported.length; i++) expect(exported[i]!.start).toBeGreaterThanOrEqual(exported[i - 1]!.end);
  });
});
