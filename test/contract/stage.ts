import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { createTracing, type ExportedSpan, type Rpc, type Tracing } from '../../src/index.js';
import type { AdapterUnderTest, ContractBus } from './adapter.js';
import { MemoryExporter } from './memory-exporter.js';

export type RecordedSpan = ExportedSpan['span'];

const WAIT_MS = 5_000;

/** One tracing for all suites of a process: OpenTelemetry's is global. */
let shared: { tracing: Tracing; exporter: MemoryExporter } | undefined;
let names = 0;

/** What the tests of one adapter share: clients, which are closed at the end, destinations, and the spans that were made. */
export class Stage {
  traced!: ContractBus;
  other!: ContractBus;
  plain!: ContractBus;
  rpc!: Rpc;
  otherRpc!: Rpc;
  private readonly ends: (() => Promise<void>)[] = [];

  constructor(readonly adapter: AdapterUnderTest) {}

  async open(): Promise<void> {
    if (!shared) {
      const exporter = new MemoryExporter();
      shared = { tracing: createTracing({ service: 'contract', sink: exporter }).register(), exporter };
    }
    const keep = <T extends { close(): Promise<void> }>(one: T): T => {
      this.ends.push(() => one.close());
      return one;
    };
    this.traced = keep(await this.adapter.connect());
    this.other = keep(await this.adapter.connect());
    this.plain = keep(await this.adapter.connectPlain());
    this.rpc = keep(await this.adapter.connectRpc()).rpc;
    this.otherRpc = keep(await this.adapter.connectRpc()).rpc;
  }

  async close(): Promise<void> {
    await Promise.all(this.ends.splice(0).map((end) => end()));
  }

  get tracer(): Tracing['tracer'] {
    return shared!.tracing.tracer;
  }

  /** A destination of its own for each test. */
  destination(name: string): string {
    const full = `${name}-${process.pid.toString(36)}x${++names}`;
    return this.adapter.destination?.(full) ?? full;
  }

  /** All spans of these names, when there are at least `count`. @throws when there are not within 5 s */
  async spans(count: number, ...named: string[]): Promise<RecordedSpan[]> {
    const end = Date.now() + WAIT_MS;
    for (;;) {
      await shared!.tracing.forceFlush();
      const found = shared!.exporter.spans.filter((span) => named.includes(span.name));
      if (found.length >= count) return found;
      const seen = [...new Set(shared!.exporter.spans.slice(-20).map((span) => span.name))].join(', ');
      assert.ok(Date.now() < end, `${found.length} of ${count} spans of ${named.join(' or ')}; the last are ${seen}`);
      await sleep(10);
    }
  }

  /** The only span of this name. */
  async span(name: string): Promise<RecordedSpan> {
    const all = await this.spans(1, name);
    assert.equal(all.length, 1, `spans named ${name}`);
    return all[0]!;
  }
}

/** Collects messages until there are as many as wanted. */
export class Inbox {
  readonly messages: Buffer[] = [];

  readonly handler = (data: Uint8Array): void => void this.messages.push(Buffer.from(data));

  async wait(count: number): Promise<Buffer[]> {
    await until(
      () => this.messages.length >= count,
      () => `${this.messages.length} of ${count} messages`,
    );
    return this.messages;
  }
}

export async function until(condition: () => boolean, what: () => string): Promise<void> {
  const end = Date.now() + WAIT_MS;
  while (!condition()) {
    assert.ok(Date.now() < end, what());
    await sleep(5);
  }
}

/** Runs `body`, in which the traced program may fail on its own account, and returns what it failed with. */
export async function failuresOfProgram(body: () => Promise<void>): Promise<unknown[]> {
  const failures: unknown[] = [];
  const catchFailure = (error: unknown): void => void failures.push(error);
  const events = ['unhandledRejection', 'uncaughtException'] as const;
  const before = events.map((event) => process.listeners(event as 'uncaughtException'));
  for (const event of events) process.removeAllListeners(event).on(event, catchFailure);
  try {
    await body();
    // failures surface a turn after their cause
    await sleep(20);
  } finally {
    events.forEach((event, i) => {
      process.removeAllListeners(event);
      for (const listener of before[i]!) process.on(event as 'uncaughtException', listener);
    });
  }
  return failures;
}
