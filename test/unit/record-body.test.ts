import { afterEach, describe, expect, it } from 'vitest';
import { MemoryBus, traceMemory } from '../../adapters/memory/index.js';
import { createTracing, recordBody, type Tracing } from '../../src/index.js';
import { stopTracing } from './stop-tracing.js';
import { MemorySink } from './support.js';

let tracing: Tracing | undefined;
afterEach(() => stopTracing(tracing));

/** The bodies that are stored of what `work` sends. */
async function bodies(content: boolean, work: (tracing: Tracing) => unknown) {
  const sink = new MemorySink();
  const mine = createTracing({ service: 'bodies', sink, capture: { content, maxContentBytes: 2 << 20 } }).register();
  tracing = mine;
  await work(mine);
  await mine.forceFlush();
  expect(sink.spans.length).toBeGreaterThan(0);
  expect(sink.spans.map((span) => span.attributes)).not.toContainEqual(
    expect.objectContaining({ 'messaging.message.body': expect.anything() as unknown }),
  );
  return sink.spans.flatMap((span) => (span.content ?? []).map(({ value }) => [span.name, value]));
}

describe('what a message says', () => {
  const send = async (): Promise<void> => {
    const bus = traceMemory(new MemoryBus());
    bus.subscribe('ask', (message) => message.respond(Buffer.from('no')));
    bus.publish('told', Buffer.from('news'));
    await bus.request('ask', Buffer.from('well?'));
  };

  it('is on its sender’s span when content is captured', async () => {
    expect(await bodies(true, send)).toEqual([
      ['publish told', 'news'],
      ['request ask', 'well?'],
    ]);
  });

  it('is nowhere when it is not', async () => {
    expect(await bodies(false, send)).toEqual([]);
  });

  const one = (body: unknown) =>
    bodies(true, ({ tracer }) => {
      const span = tracer.startSpan('s');
      recordBody(span, body as string);
      span.end();
    });

  it('is left out when it is no text, or nothing that can be sent', async () => {
    expect(await one(Buffer.from([0xff, 0xfe, 0x00]))).toEqual([]);
    await stopTracing(tracing);
    expect(await one({ length: 3 })).toEqual([]);
    await stopTracing(tracing);
    expect(await one(null)).toEqual([]);
  });

  it('is text to its first MiB, no character cut in two', async () => {
    const [[, text = ''] = []] = await one(Buffer.from(`a${'é'.repeat(1 << 20)}`));
    expect(text).toHaveLength(1 + (1 << 19) - 1);
    expect(text.endsWith('é')).toBe(true);
  });
});
