import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createTracing, ExportError } from '../../src/index.js';
import { BatchExporter, type BatchOptions } from '../../src/export/batch-exporter.js';
import type { SpanbusSpan } from '../../src/trace/span.js';
import { MemorySink } from './support.js';

const { tracer } = createTracing({ sink: new MemorySink() });
const OPTIONS: BatchOptions = {
  maxBatchSpans: 10,
  maxBatchBytes: 1 << 20,
  maxAgeMs: 20,
  maxBytes: 1 << 20,
  retryMs: 1,
};

function make(options: Partial<BatchOptions> = {}) {
  const sink = new MemorySink();
  const exporter = new BatchExporter(sink, { ...OPTIONS, ...options });
  const add = (n: number, name = 'x'): void => {
    for (let i = 0; i < n; i++) exporter.add(tracer.startSpan(`${name}${i}`) as SpanbusSpan, 1);
  };
  return { sink, exporter, add };
}

const away = new ExportError('UNREACHABLE', 'away');

describe('the exporter', () => {
  it('sends when a batch is full, in order', async () => {
    const { sink, exporter, add } = make({ maxAgeMs: 60_000 });
    add(25);
    await exporter.flush(1000);
    expect(sink.batches.map((b) => b.spans.length)).toEqual([10, 10, 5]);
    expect(sink.spans.map((s) => s.name)).toEqual(Array.from({ length: 25 }, (_, i) => `x${i}`));
    expect(exporter.stats()).toMatchObject({ queued: 0, queuedBytes: 0, exported: 25, batches: 3 });
  });

  it('sends what is old enough though it is little', async () => {
    const { sink, add } = make();
    add(1);
    expect(sink.spans).toHaveLength(0);
    await sleep(100);
    expect(sink.spans).toHaveLength(1);
  });

  it('sends when a batch has its bytes', async () => {
    const { sink, exporter, add } = make({ maxBatchBytes: 200, maxAgeMs: 60_000 });
    add(4);
    await exporter.flush(1000);
    expect(sink.batches.map((b) => b.spans.length)).toEqual([3, 1]);
  });

  it('lets spans that come while it sends wait for company, too', async () => {
    const { sink, add } = make({ maxAgeMs: 60 });
    const send = sink.send.bind(sink);
    sink.send = async (batch) => {
      await sleep(5);
      return send(batch);
    };
    for (let i = 0; i < 40; i++) {
      add(1);
      await sleep(3);
    }
    expect(sink.batches.length).toBeLessThanOrEqual(6);
    await sleep(150);
    expect(sink.spans).toHaveLength(40);
  });

  it('retries a batch under the same token until the server is back', async () => {
    const { sink, exporter, add } = make();
    const tokens: string[] = [];
    const send = sink.send.bind(sink);
    sink.send = (batch) => {
      tokens.push(batch.token);
      return send(batch);
    };
    sink.failure = away;
    add(3);
    await sleep(100);
    sink.failure = undefined;
    await exporter.flush(5000);
    expect(tokens.length).toBeGreaterThan(1);
    expect(new Set(tokens).size).toBe(1);
    expect(sink.spans).toHaveLength(3);
    expect(exporter.stats().retries).toBe(tokens.length - 1);
  });

  it('drops spans that the server rejects, counts them, and goes on', async () => {
    const { sink, exporter, add } = make();
    sink.failure = new ExportError('REJECTED', 'bad rows');
    add(2);
    await exporter.flush(1000);
    sink.failure = undefined;
    add(1);
    await exporter.flush(1000);
    expect(exporter.stats()).toMatchObject({ exported: 1, dropped: { rejected: 2 } });
  });

  it.each([
    ['the server rejects', new ExportError('REJECTED', 'bad rows')],
    ['cannot be written', new TypeError('not a string')],
  ])('finds the one span of a batch that %s, and stores the others in order', async (_, failure) => {
    const { sink, exporter, add } = make({ maxBatchSpans: 1000, maxAgeMs: 60_000 });
    const send = sink.send.bind(sink);
    const tokens = new Set<string>();
    sink.send = (batch) => {
      tokens.add(batch.token);
      return batch.spans.some((row) => row.span.name === 'bad0') ? Promise.reject(failure) : send(batch);
    };
    add(300);
    add(1, 'bad');
    add(700, 'y');
    await exporter.flush(5000);
    expect(exporter.stats()).toMatchObject({ exported: 1000, queued: 0, queuedBytes: 0, dropped: { rejected: 1 } });
    const names = sink.spans.map((s) => s.name);
    expect(names.slice(0, 300)).toEqual(Array.from({ length: 300 }, (__, i) => `x${i}`));
    expect(names.slice(300)).toEqual(Array.from({ length: 700 }, (__, i) => `y${i}`));
    expect(tokens.size).toBeGreaterThanOrEqual(sink.batches.length);
  });

  it('does not try every span where all are bad', async () => {
    const { sink, exporter, add } = make({ maxBatchSpans: 10_000, maxAgeMs: 60_000 });
    sink.failure = new ExportError('REJECTED', 'bad rows');
    add(2000);
    await exporter.flush(5000);
    expect(exporter.stats()).toMatchObject({ exported: 0, dropped: { rejected: 2000 } });
    expect(sink.attempts).toBeLessThan(150);
  });

  it('flushes what had ended when it was asked, under a load that never ends', async () => {
    const { sink, exporter, add } = make({ maxBatchSpans: 10, maxAgeMs: 60_000 });
    const send = sink.send.bind(sink);
    // more comes with every batch than is in it
    sink.send = async (batch) => {
      await sleep(1);
      add(20, 'more');
      return send(batch);
    };
    add(25);
    await exporter.flush(5000);
    expect(sink.spans.filter((s) => s.name.startsWith('x'))).toHaveLength(25);
    expect(exporter.stats().queued).toBeGreaterThan(0);
    sink.send = send;
    await exporter.shutdown(1000);
  });

  it('sends at once for a flush that comes when another has just ended', async () => {
    const { sink, exporter, add } = make({ maxAgeMs: 60_000 });
    add(1);
    await exporter.flush(1000);
    add(1);
    await exporter.flush(1000);
    expect(sink.spans).toHaveLength(2);
  });

  it('drops new spans at its byte bound only, and says so', async () => {
    const { sink, exporter, add } = make({ maxBytes: 720 });
    sink.failure = away;
    add(15);
    const { queued, queuedBytes, dropped } = exporter.stats();
    expect(queued).toBe(10);
    expect(queuedBytes).toBe(720);
    expect(dropped.queue_full).toBe(5);
    await exporter.shutdown(20);
  });

  it('gives up a flush in time, with the reason', async () => {
    const { sink, exporter, add } = make();
    sink.failure = away;
    add(3);
    const error = await exporter.flush(50).catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'FLUSH_TIMEOUT', cause: { code: 'UNREACHABLE' } });
    expect((error as Error).message).toContain('3 spans');
    await exporter.shutdown(20);
  });

  it('counts a batch once that is on its way when it shuts down', async () => {
    const { sink, exporter, add } = make();
    let answer = (): void => undefined;
    sink.send = () => new Promise((resolve) => (answer = resolve));
    add(3);
    await exporter.shutdown(30);
    answer();
    await sleep(5);
    expect(exporter.stats()).toMatchObject({ queued: 0, queuedBytes: 0, exported: 0, dropped: { shutdown: 3 } });
  });

  it('counts what waits for a disk at its shutdown as dropped until the disk has it', async () => {
    const { sink, exporter, add } = make();
    const taken: ((kept: boolean) => void)[] = [];
    sink.failure = away;
    Object.assign(sink, { park: () => new Promise<boolean>((resolve) => taken.push(resolve)) });
    add(3);
    const ended = exporter.shutdown(20);
    await expect.poll(() => taken.length).toBe(1);
    expect(exporter.stats()).toMatchObject({ queued: 0, exported: 0, dropped: { shutdown: 3 } });
    taken[0]!(true);
    await ended;
    expect(exporter.stats()).toMatchObject({ exported: 3, dropped: { shutdown: 0 } });
  });

  it('counts what it could not store at its shutdown, and what comes after', async () => {
    const { sink, exporter, add } = make();
    sink.failure = away;
    add(3);
    await exporter.shutdown(50);
    add(2);
    await exporter.shutdown(50);
    expect(exporter.stats()).toMatchObject({ queued: 0, exported: 0, dropped: { shutdown: 5 } });
  });
});
