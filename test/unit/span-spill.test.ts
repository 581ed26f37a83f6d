import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace, type Span, type TraceState } from '@opentelemetry/api';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createTracing, InvalidOptionError } from '../../src/index.js';
import { contentColumns, contentRows } from '../../src/export/content-columns.js';
import { encodeBlock } from '../../src/export/native-format.js';
import { spanColumns } from '../../src/export/span-columns.js';
import { HeadSampler } from '../../src/sampling/head-sampler.js';
import { KeepHub } from '../../src/sampling/keep-hub.js';
import { TailSampler } from '../../src/sampling/tail-sampler.js';
import { TraceFilter } from '../../src/sampling/trace-filter.js';
import type { EndedSpan } from '../../src/trace/ended-span.js';
import { newSpanId, newTraceId } from '../../src/trace/ids.js';
import { traceKey } from '../../src/trace/span-log.js';
import { SpanbusTracer } from '../../src/trace/tracer.js';

const LIMITS = { attributeCount: 128, eventCount: 128, linkCount: 128, nameBytes: 1024, attributeValueBytes: 16_384 };
const SHARED = Object.freeze({ 'messaging.system': 'nats', 'messaging.destination.name': 'orders' });
/** Memory for some 7,000 hops, and for knowing of 17,000 on disk. */
const MEMORY = 500_000;
const onLinux = process.platform === 'linux';

let directory: string;
let sampler: TailSampler | undefined;
let warnings: Error[];
const onWarning = (warning: Error): void => void warnings.push(warning);

beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'spanbus-spill-'));
  warnings = [];
  process.on('warning', onWarning);
});
afterEach(() => {
  vi.restoreAllMocks();
  process.off('warning', onWarning);
  sampler?.close();
  sampler = undefined;
  rmSync(directory, { recursive: true, force: true });
});

/** A process's sampling at ratio 0, with little memory: what is stored was kept. */
function start(spillBytes = 4 << 20, spillDir = directory) {
  const stored: EndedSpan[] = [];
  const keep = { errors: true, slowerThanMs: Infinity, moreTokensThan: Infinity };
  const spill = { directory: spillDir, maxBytes: spillBytes };
  sampler = new TailSampler(
    { keep, bufferBytes: MEMORY, spill, keepsPerSecond: 1e9 },
    { store: (span) => void stored.push(span), kept: () => {}, missed: () => {}, reconnected: () => {} },
    new KeepHub(),
  );
  const head = new HeadSampler({ ratio: 0, rules: [], tracesPerSecond: Infinity });
  const tracer = new SpanbusTracer('scope', '1.2', sampler, head, LIMITS);
  const hops = (count: number): void => {
    for (let i = 0; i < count; i++) tracer.startSpan('hop', { attributes: SHARED }).end();
  };
  const hear = (traceId: string): void => sampler!.hear({ traceId, reason: 'error', weight: 1 });
  const stats = () => sampler!.stats();
  /** Every span that ended was stored, waits, or was counted as evicted: in all, and by name. */
  const expectSum = (): void => {
    const { ended, buffered, evictedSpans } = stats();
    expect(stored.length + buffered + evictedSpans).toBe(ended);
  };
  return { sampler, tracer, stored, hops, hear, stats, expectSum };
}

/** This process's open files that were made in the directory. */
function openFiles(): { fd: number; path: string }[] {
  return readdirSync('/proc/self/fd').flatMap((name) => {
    try {
      const path = readlinkSync(`/proc/self/fd/${name}`);
      return path.startsWith(directory) ? [{ fd: Number(name), path: `/proc/self/fd/${name}` }] : [];
    } catch {
      return [];
    }
  });
}

/** Has an open file's number stand for another file. */
function replace(fd: number, path: string): void {
  closeSync(fd);
  expect(openSync(path, path.startsWith('/dev/') ? 'r+' : 'w+')).toBe(fd);
}

/** Node tells of warnings after the code that warned. */
const nextTurn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** What goes to ClickHouse of some spans. */
function exported(spans: readonly EndedSpan[]): Buffer[] {
  const own = { service: 's', attributes: { own: 1 } };
  const rows = [...spans]
    .sort((a, b) => (a.spanId < b.spanId ? -1 : 1))
    .map((span) => ({ span: { ...copyOf(span), keepReason: '' }, weight: 1 }));
  return [encodeBlock(spanColumns(own), rows), encodeBlock(contentColumns(own), contentRows(rows))];
}

/** A span's fields, which may be getters. */
function copyOf(span: EndedSpan): EndedSpan {
  const { traceId, spanId, parentSpanId, traceFlags, traceState, kind, startTime, endTime, tracer, resource } = span;
  const { name, attributes, events, links, status, keepReason, content } = span;
  const ids = { traceId, spanId, parentSpanId, traceFlags, traceState };
  const rest = { name, attributes, events, links, status, keepReason, content };
  return { ...ids, kind, startTime, endTime, tracer, resource, ...rest };
}

/** A state that another library made, by rules that are not ours. */
function foreignState(text: string): TraceState {
  const state: TraceState = { get: () => undefined, set: () => state, unset: () => state, serialize: () => text };
  return state;
}

describe('a buffer that spills to disk', () => {
  it('gives back every span exactly as it was', () => {
    const { sampler, tracer, stored, hops, hear, stats, expectSum } = start();
    const root = tracer.startSpan('root', { kind: SpanKind.SERVER, attributes: SHARED });
    const within = trace.setSpan(ROOT_CONTEXT, root);
    const { traceId } = root.spanContext();
    const link = {
      context: { traceId: newTraceId(), spanId: newSpanId(), traceFlags: 1, traceState: foreignState('Vendor=1') },
      attributes: { why: 'batch' },
    };
    const child = (name: string, options = {}): Span => tracer.startSpan(name, options, within);
    const made = [
      root,
      child('plain', { kind: SpanKind.CLIENT, attributes: SHARED }),
      child('own', { attributes: { text: 'ü \ud800 \u0000 ✓', n: -0.5, nan: NaN, yes: true } }),
      child('lists', { attributes: { texts: ['a', null, 'b'], numbers: [1, 2.5], none: [] } }),
      child('event', { attributes: SHARED })
        .addEvent('e', { b: 2 })
        .addEvent('later', { c: ['x'] }),
      child('links', { attributes: SHARED, links: [link, { context: root.spanContext() }] }),
      child('ok').setStatus({ code: SpanStatusCode.OK }),
    ] as unknown as (Span & EndedSpan)[];
    made[1]!.recordException(new Error('seen, and not fatal'));
    for (const span of made) span.end();
    const resource = { attributes: { 'service.name': 'theirs' }, asyncAttributesPending: true };
    const foreign: EndedSpan = {
      ...copyOf(made[5]!),
      spanId: newSpanId(),
      traceState: foreignState('UPPER=case,a=b'),
      tracer: { scopeName: 'theirs', scopeVersion: '' },
      resource,
      content: [{ key: 'gen_ai.input.messages', value: 'Hello', bytes: 1_000_000 }],
    };
    sampler.onEnd(foreign);
    hops(15_000);
    expect(stats()).toMatchObject({ evictedSpans: 0, ended: 15_008, buffered: 15_008 });
    expect(stats().spilledSpans).toBeGreaterThan(7_000);
    expect(stats().bufferedBytes).toBeLessThanOrEqual(MEMORY);
    // a resource that was still being looked up
    Object.assign(resource.attributes, { 'host.name': 'later' });
    hear(traceId);
    expect(stored).toHaveLength(8);
    expect(stored.every((span) => !made.includes(span as (typeof made)[number]))).toBe(true);
    expect(exported(stored)).toEqual(exported([...made, foreign]));
    expect(stored.map((span) => span.name)).toEqual([...made.map((span) => span.name), 'links']);
    expectSum();
  });

  it('finds a trace whose spans are in memory and in many places on disk, once', () => {
    const { tracer, stored, hops, hear, expectSum } = start();
    const root = tracer.startSpan('root');
    for (let i = 0; i < 20; i++) {
      tracer.startSpan(`step ${i}`, { attributes: SHARED }, trace.setSpan(ROOT_CONTEXT, root)).end();
      hops(800);
    }
    hear(root.spanContext().traceId);
    expect(stored.map((span) => span.name)).toEqual(Array.from({ length: 20 }, (_, i) => `step ${i}`));
    hops(10_000);
    expect(stored).toHaveLength(20);
    expectSum();
  });

  it('stays within its bytes on disk and in memory, and counts what it gives up, by name', async () => {
    const { sampler, tracer, stored, hear, stats, expectSum } = start(200_000);
    const names = ['a', 'b', 'c'];
    let sequence = 12_345;
    const random = (below: number): number => (sequence = (sequence * 48_271) % 2_147_483_647) % below;
    const known: string[] = [];
    let [mostOnDisk, mostInMemory] = [0, 0];
    for (let i = 0; i < 20_000; i++) {
      // sizes that leave the ring's end at ever other places
      const attributes = random(10) === 0 ? { text: 'x'.repeat(random(2_000)) } : SHARED;
      const span = tracer.startSpan(names[random(3)]!, { attributes });
      span.end();
      known.push(span.spanContext().traceId);
      if (random(20) === 0) hear(known[Math.max(0, known.length - 1 - random(6_000))]!);
      const { spilledBytes, bufferedBytes } = stats();
      mostOnDisk = Math.max(mostOnDisk, spilledBytes);
      mostInMemory = Math.max(mostInMemory, bufferedBytes);
    }
    expectSum();
    expect(mostOnDisk).toBeLessThanOrEqual(200_000);
    expect(mostOnDisk).toBeGreaterThan(150_000);
    expect(mostInMemory).toBeLessThanOrEqual(MEMORY);
    expect(stats().evictedSpans).toBeGreaterThan(10_000);
    expect(stats().promoted).toBeGreaterThan(300);
    expect(stats().spilledSpans).toBeGreaterThan(500);
    if (onLinux) expect(statSync(openFiles()[0]!.path).size).toBeLessThanOrEqual(200_000);
    sampler.close();
    expectSum();
    expect(stats()).toMatchObject({ buffered: 0, bufferedBytes: 0, spilledSpans: 0, spilledBytes: 0 });
    const totals = sampler.unstored.take();
    expect(totals.map(({ spanName }) => spanName)).toEqual(expect.arrayContaining(names));
    expect(totals.reduce((sum, { calls }) => sum + calls, 0)).toBe(stats().evictedSpans);
    expect(new Set(stored.map((span) => span.spanId)).size).toBe(stored.length);
    await nextTurn();
    expect(warnings).toEqual([]);
  });

  it('takes the horizon as far back as the disk reaches', () => {
    const { hops, stats } = start();
    const before = performance.now();
    hops(1);
    const after = performance.now();
    hops(15_000);
    expect(stats().evictedSpans).toBe(0);
    const began = performance.now() - stats().horizonMs;
    expect(began).toBeGreaterThan(before - 50);
    expect(began).toBeLessThan(after + 50);
  });

  it('marks a trace as missed when its spans left the disk too', () => {
    const { tracer, stored, hops, hear, stats } = start(100_000);
    const early = Array.from({ length: 20 }, () => tracer.startSpan('early', { attributes: SHARED }));
    for (const span of early) span.end();
    hops(15_000);
    for (const span of early) hear(span.spanContext().traceId);
    expect(stored).toEqual([]);
    // what was evicted long ago is forgotten for some, at random
    expect(stats().missed).toBeGreaterThan(5);
    expect(stats().missed).toBeLessThanOrEqual(20);
  });

  it('drops a span that cannot be written, and no other', () => {
    const { sampler, tracer, stored, hops, hear, stats, expectSum } = start();
    const span = tracer.startSpan('fine', { attributes: { a: 1 } }) as unknown as Span & EndedSpan;
    span.end();
    const attributes = { broken: (() => 1) as unknown as string };
    sampler.onEnd({ ...copyOf(span), spanId: newSpanId(), name: 'no data', attributes });
    hops(15_000);
    expect(stats()).toMatchObject({ evictedSpans: 1 });
    hear(span.traceId);
    expect(stored.map(({ name }) => name)).toEqual(['fine']);
    expectSum();
  });

  it.runIf(onLinux)('goes on without the disk when that is full, says so once, and tries again later', async () => {
    const { sampler, tracer, stored, hops, hear, stats, expectSum } = start();
    const early = tracer.startSpan('early', { attributes: SHARED });
    early.end();
    hops(15_000);
    const spilled = stats().spilledSpans;
    expect(spilled).toBeGreaterThan(7_000);
    const { fd } = openFiles()[0]!;
    const real = performance.now.bind(performance);
    let later = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => real() + later);

    // from now on what is written to the file goes to a disk without room
    replace(fd, '/dev/full');
    later = 60_000;
    hops(15_000);
    expect(stats().evictedSpans).toBeGreaterThan(10_000);
    expect(stats().spilledSpans).toBe(spilled);
    // what is on disk has a gap behind it
    expect(stats().horizonMs).toBeLessThan(30_000);
    expectSum();
    const failed = tracer.startSpan('still kept');
    failed.setStatus({ code: SpanStatusCode.ERROR });
    failed.end();
    expect(stored.map((span) => span.name)).toEqual(['still kept']);

    // there is room again, though what was on the disk is not there any more
    replace(fd, join(directory, 'another file'));
    const evicted = stats().evictedSpans;
    later = 120_000;
    const again = tracer.startSpan('again', { attributes: SHARED });
    again.end();
    hops(5_000);
    expect(stats().spilledSpans).toBeGreaterThan(spilled + 4_000);
    expect(stats().evictedSpans).toBe(evicted);
    expect(stats().horizonMs).toBeGreaterThan(30_000);
    expect(stats().horizonMs).toBeLessThan(90_000);
    hear(again.spanContext().traceId);
    hear(early.spanContext().traceId);
    expect(stored.map((span) => span.name)).toEqual(['still kept', 'again']);
    expect(stats().evictedSpans).toBeGreaterThan(evicted);
    expectSum();
    sampler.close();
    expectSum();
    const calls = sampler.unstored.take().reduce((sum, total) => sum + total.calls, 0);
    expect(calls).toBe(stats().evictedSpans);
    await nextTurn();
    expect(warnings).toMatchObject([{ name: 'SpanbusWarning', code: 'ENOSPC' }]);
  });

  it('counts what is on disk when it ends for a second at most, the rest without names', () => {
    const { sampler, hops, stats } = start();
    hops(15_000);
    let looks = 0;
    vi.spyOn(performance, 'now').mockImplementation(() => 300 * looks++);
    sampler.close();
    const totals = new Map(sampler.unstored.take().map(({ spanName, calls }) => [spanName, calls]));
    expect([...totals.keys()].sort()).toEqual(['(unread)', 'hop']);
    expect(totals.get('(unread)')).toBeGreaterThan(7_000);
    expect(totals.get('(unread)')! + totals.get('hop')!).toBe(15_000);
    expect(stats().evictedSpans).toBe(15_000);
  });

  it('goes without one where the directory cannot be made, and says so', async () => {
    const file = join(directory, 'a file');
    writeFileSync(file, '');
    const { hops, stats, expectSum } = start(4 << 20, join(file, 'below'));
    hops(15_000);
    expect(stats()).toMatchObject({ spilledSpans: 0, spilledBytes: 0 });
    expect(stats().evictedSpans).toBeGreaterThan(7_000);
    expectSum();
    await nextTurn();
    expect(warnings).toMatchObject([{ name: 'SpanbusWarning', code: 'ENOTDIR' }]);
    expect(warnings[0]!.message).toMatch(/sampling\.spillDir.*dropped/);
  });

  it.runIf(onLinux)('has a file without a name, for its owner only, until it is closed', async () => {
    const tracing = createTracing({ service: 's', sampling: { ratio: 0, bufferBytes: MEMORY, spillDir: directory } });
    for (let i = 0; i < 15_000; i++) tracing.tracer.startSpan('hop').end();
    expect(tracing.stats().sampling.spilledSpans).toBeGreaterThan(7_000);
    expect(readdirSync(directory)).toEqual([]);
    const [file] = openFiles();
    expect(statSync(file!.path).mode & 0o777).toBe(0o600);
    await tracing.shutdown(500);
    expect(openFiles()).toEqual([]);
  });

  it('leaves nothing behind when its process is killed', async () => {
    const index = join(import.meta.dirname, '../../src/index.ts');
    const options = { service: 'killed', sampling: { ratio: 0, bufferBytes: MEMORY, spillDir: directory } };
    const program = `
      const { createTracing } = await import(${JSON.stringify(index)});
      const tracing = createTracing(${JSON.stringify(options)});
      for (let i = 0; i < 15000; i++) tracing.tracer.startSpan('before the kill').end();
      console.log(tracing.stats().sampling.spilledSpans);
      setInterval(() => {}, 1000);`;
    const child = spawn(process.execPath, ['--import', 'tsx', '--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    try {
      const [spilled] = (await once(createInterface(child.stdout), 'line')) as [string];
      expect(Number(spilled)).toBeGreaterThan(7_000);
    } finally {
      child.kill('SIGKILL');
      if (child.exitCode === null && child.signalCode === null) await once(child, 'close');
    }
    expect(child.signalCode).toBe('SIGKILL');
    expect(readdirSync(directory)).toEqual([]);
  }, 60_000);

  it('wants a positive size', () => {
    expect(() => createTracing({ sampling: { spillDir: directory, spillBytes: 0 } })).toThrow(InvalidOptionError);
  });
});

describe('the filter of a segment', () => {
  it('knows every trace that was added, and few others', () => {
    const filter = new TraceFilter(4_096);
    const added = Array.from({ length: 4_096 }, () => traceKey(newTraceId()));
    for (const key of added) filter.add(key);
    expect(added.every((key) => filter.mayHave(key))).toBe(true);
    const others = Array.from({ length: 50_000 }, () => traceKey(newTraceId()));
    expect(others.filter((key) => filter.mayHave(key)).length).toBeLessThan(150);
    expect(filter.bytes).toBe(2 * 4_096);
  });
});
