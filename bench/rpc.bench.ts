import { startNatsServer } from '../src/demo/nats-server.js';
import { ratio, type Bench, type Row } from './harness.js';
import { VARIANTS, type Variant } from './nats/rpc-variant.js';
import { compile, VariantProcess } from './variant-process.js';

/** Requests before the first round, in rounds: an agent's process has long been compiled when it is asked something. */
const WARM_UP = 6;
/** Turns of a round: short ones, so that all variants see the same of what else the machine does. */
const BLOCKS = 20;

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

/** Latency of a request and its reply through a nats-server, both ends in one process, one request at a time. */
export const bench: Bench = async ({ rounds, quick }) => {
  const requests = quick ? 50 : 250;
  const server = await startNatsServer();
  if (!server) throw new Error('the rpc bench needs a nats-server on this machine');
  const script = await compile('nats/rpc-variant.ts');
  const processes = new Map<Variant, VariantProcess>();
  const rows = new Map<string, Row>();
  try {
    for (const variant of VARIANTS) {
      processes.set(variant, await VariantProcess.start(script.path, [variant, server.url]));
      for (const p of ['p50', 'p99']) rows.set(`${variant} ${p}`, { name: `${variant} ${p}`, unit: 'µs', values: [] });
    }
    for (const process of processes.values()) await process.ask(requests * BLOCKS * WARM_UP);
    for (let round = 0; round < rounds; round++) {
      const times = new Map<Variant, number[]>(VARIANTS.map((variant) => [variant, []]));
      for (let block = 0; block < BLOCKS; block++) {
        for (const [variant, process] of processes)
          times.get(variant)!.push(...(await process.ask<number[]>(requests)));
      }
      for (const [variant, list] of times) {
        const sorted = list.sort((a, b) => a - b);
        rows.get(`${variant} p50`)!.values.push(quantile(sorted, 0.5) * 1000);
        rows.get(`${variant} p99`)!.values.push(quantile(sorted, 0.99) * 1000);
      }
    }
  } finally {
    await Promise.all([...processes.values()].map((process) => process.stop()));
    await server.stop();
    await script.remove();
  }
  const target = (variant: Variant, p: string) => ({
    name: `${variant} / raw, ${p}`,
    value: ratio(rows.get(`${variant} ${p}`)!, rows.get(`raw ${p}`)!),
    op: '<=' as const,
    limit: 1.1,
  });
  return {
    name: 'rpc',
    rounds,
    rows: [...rows.values()],
    targets: (['spanbus 100%', 'spanbus 1%'] as const).flatMap((v) => [target(v, 'p50'), target(v, 'p99')]),
  };
};
