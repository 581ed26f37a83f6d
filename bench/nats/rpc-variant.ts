import { connect } from '@nats-io/transport-node';
import { traceNats } from '../../adapters/nats/index.js';
import { createTracing } from '../../src/index.js';

/** One process that asks on one connection and answers on another, one request at a time. */
export const VARIANTS = ['raw', 'spanbus 100%', 'spanbus 1%'] as const;
export type Variant = (typeof VARIANTS)[number];

/** One's own: others answer on the same server. */
const SUBJECT = `bench.agents.${'abc'[VARIANTS.indexOf(process.argv[2] as Variant)]}`;
const PAYLOAD = new Uint8Array(128).fill(120);
const RATIOS: Record<Variant, number | undefined> = { raw: undefined, 'spanbus 100%': 1, 'spanbus 1%': 0.01 };

async function main([variant, servers]: string[]): Promise<void> {
  const ratio = RATIOS[variant as Variant];
  if (ratio !== undefined) {
    const sink = { send: () => Promise.resolve(), close: () => Promise.resolve() };
    createTracing({ service: 'bench', sampling: { ratio }, sink }).register();
  }
  const open = async () => {
    const nc = await connect({ servers: servers! });
    return ratio === undefined ? nc : traceNats(nc);
  };
  const caller = await open();
  const responder = await open();
  responder.subscribe(SUBJECT, { callback: (_, message) => void message.respond(message.data) });
  await responder.flush();

  /** Milliseconds of each request. */
  async function run(requests: number): Promise<number[]> {
    const times: number[] = [];
    for (let i = 0; i < requests; i++) {
      const start = performance.now();
      await caller.request(SUBJECT, PAYLOAD, { timeout: 10_000 });
      times.push(performance.now() - start);
    }
    return times;
  }

  process.on('message', (requests: number) => void run(requests).then((times) => process.send!(times)));
  process.on('disconnect', () => process.exit(0));
  process.send!('ready');
}

if (process.send) await main(process.argv.slice(2));
