import { startNatsServer } from '../src/demo/nats-server.js';
import { ratio, type Bench, type Row } from './harness.js';
import { VARIANTS, type Variant } from './nats/rpc-variant.js';
import { compile, VariantProcess } from './variant-process.js';

/** Requests before a round, in rounds: an agent's process has long been compiled when it is asked something. */
const WARM_UP = 3;
/** Turns of a round: short ones, so that all variants see the same of what else the machine does. */
const BLOCKS = 20;

function quantile(sorted: number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))]!;
}

/** Milliseconds of every request of a round, of each variant. */
async function measure(script: string, server: string, requests: number): Promise<Map<Variant, number[]>> {
  const processes: [Variant, VariantProcess][] = [];
  const times = new Map<Variant, number[]>(VARIANTS.map((variant) => [variant, []]));
  try {
    for (const variant of VARIANTS) processes.push([variant, await VariantProcess.start(script, [variant, server])]);
    for (const [, process] of processes) await process.ask(requests * BLOCKS * WARM_UP);
    for (let block = 0; block < BLOCKS; block++) {
      for (const [variant, process] of processes) times.get(variant)!.push(...(await process.ask<number[]>(requests)));
      // none always comes after the same one
      processes.push(processes.shift()!);
    }
  } finally {
    await Promise.all(processes.map(([, process]) => process.stop()));
  }
  return times;
}

/**
 * Latency of a request and its reply through a nats-server, both ends in one process, one request at a time. Each round has
 * processes of its own: two that run the same code differ by up to 7 %, for as long as they live.
 */
export const bench: Bench = async ({ rounds, quick }) => {
  const requests = quick ? 50 : 250;
  const server = await startNatsServer();
  if (!server) throw new Error('the rpc bench needs a nats-server on this machine');
  const script = await compile('nats/rpc-variant.ts');
  const rows = new Map<string, Row>();
  for (const variant of VARIANTS) {
    for (const p of ['p50', 'p99']) rows.set(`${variant} ${p}`, { name: `${variant} ${p}`, unit: 'µs', values: [] });
  }
  try {
    for (let round = 0; round < rounds; round++) {
      for (const [variant, times] of await measure(script.path, server.url, requests)) {
        const sorted = times.sort((a, b) => a - b);
        rows.get(`${variant} p50`)!.values.push(quantile(sorted, 0.5) * 1000);
        rows.get(`${variant} p99`)!.values.push(quantile(sorted, 0.99) * 1000);
      }
    }
  } finally {
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
