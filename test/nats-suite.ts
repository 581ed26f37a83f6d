import { context, propagation, trace } from '@opentelemetry/api';
import type { NatsConnection } from '@nats-io/transport-node';
import { afterAll, afterEach, beforeAll, describe } from 'vitest';
import { traceNats } from '../adapters/nats/index.js';
import { createTracing, type Tracing } from '../src/index.js';
import type { SpanbusSpan } from '../src/trace/span.js';
import { generations, type Generation } from './nats-generations.js';
import type { LocalServer } from './servers/local-server.js';
import { startNats } from './servers/nats.js';
import { MemorySink } from './unit/support.js';

/** A server, a raw and a traced connection to it, and the spans that the tracing made. */
export interface NatsSuite {
  readonly generation: Generation;
  readonly server: LocalServer;
  readonly tracing: Tracing;
  readonly raw: NatsConnection;
  readonly nc: NatsConnection;
  /** All spans since the test began, or those of a name. */
  spans(name?: string): Promise<SpanbusSpan[]>;
  /** The one span of a name. */
  span(name: string): Promise<SpanbusSpan>;
}

/** Declares tests for both client generations, each with a server of its own. @param config of the server */
export function describeNats(name: string, body: (suite: NatsSuite) => void, config?: string): void {
  describe.each(generations)(`${name}, by $name`, (generation) => {
    const sink = new MemorySink();
    const state = {} as { -readonly [K in keyof NatsSuite]: NatsSuite[K] };
    Object.assign(state, {
      generation,
      async spans(wanted?: string) {
        await state.tracing.forceFlush();
        return sink.spans.filter((span) => wanted === undefined || span.name === wanted);
      },
      async span(wanted: string) {
        const found = await state.spans(wanted);
        if (found.length !== 1) {
          throw new Error(`${found.length} spans "${wanted}" among ${sink.spans.map((s) => s.name).join(', ')}`);
        }
        return found[0]!;
      },
    });
    beforeAll(async () => {
      state.server = await startNats(config);
      state.tracing = createTracing({ service: 'nats-test', sink }).register();
      state.raw = await generation.connect({ servers: state.server.url });
      state.nc = traceNats(await generation.connect({ servers: state.server.url }));
    });
    afterEach(async () => {
      await state.tracing.forceFlush();
      sink.batches.length = 0;
    });
    afterAll(async () => {
      await state.raw?.close();
      await state.nc?.close();
      await state.tracing?.shutdown();
      await state.server?.stop();
      trace.disable();
      context.disable();
      propagation.disable();
    });
    body(state);
  });
}

/** Waits until `done` holds, at most 5 s. */
export async function until(done: () => boolean | Promise<boolean>): Promise<void> {
  for (let i = 0; i < 500; i++) {
    if (await done()) return;
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  throw new Error('it did not happen within 5 s');
}

export const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));
