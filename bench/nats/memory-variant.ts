import { randomUUID } from 'node:crypto';
import { connect } from '@nats-io/transport-node';
import { traceNats } from '../../adapters/nats/index.js';
import { createTracing } from '../../src/index.js';

/** A process that sends itself messages of all kinds, and says what its heap holds afterwards. */
const BURST = 500;

async function main([ratio, servers]: string[]): Promise<void> {
  const sink = { send: () => Promise.resolve(), close: () => Promise.resolve() };
  // a buffer that is full long before the first measurement: its bound is not what is looked for
  const sampling = { ratio: Number(ratio), bufferBytes: 8 << 20 };
  const tracing = createTracing({ service: 'bench', sampling, sink }).register();
  const sender = traceNats(await connect({ servers: servers! }));
  const receiver = traceNats(await connect({ servers: servers! }));
  let received = 0;
  let expected = 0;
  let wake = (): void => {};
  receiver.subscribe('memory.>', {
    callback: (_, message) => {
      if (message.reply) message.respond(message.data);
      if (++received === expected) wake();
    },
  });
  await receiver.flush();

  async function run(messages: number): Promise<number> {
    for (let sent = 0; sent < messages; sent += BURST) {
      expected = received + BURST;
      const all = new Promise<void>((resolve) => (wake = resolve));
      const replies: Promise<unknown>[] = [];
      for (let i = 0; i < BURST; i++) {
        if (i % 50 === 0) replies.push(sender.request('memory.ask', 'x', { timeout: 30_000 }));
        else sender.publish(i % 10 === 0 ? `memory.${randomUUID()}.tell` : 'memory.tell', 'x');
      }
      await all;
      await Promise.all(replies);
    }
    await tracing.forceFlush();
    for (let i = 0; i < 3; i++) {
      globalThis.gc?.();
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
    return process.memoryUsage().heapUsed;
  }

  process.on('message', (messages: number) => void run(messages).then((bytes) => process.send!(bytes)));
  process.on('disconnect', () => process.exit(0));
  process.send!('ready');
}

if (process.send) await main(process.argv.slice(2));
