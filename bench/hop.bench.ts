import { startNatsServer } from '../src/demo/nats-server.js';
import { ratio, type Bench, type Row } from './harness.js';
import { VARIANTS, type Variant } from './nats/hop-variant.js';
import { compile, VariantProcess } from './variant-process.js';

/** Parts of a round, in turns: what the machine does meanwhile, it does to all variants. */
const BLOCKS = 5;

/**
 * CPU of one hop: a message of 128 bytes published on one connection and handled by a callback on another, in one process,
 * through a nats-server. Each variant is a process of its own and works while the others rest.
 */
export const bench: Bench = async ({ rounds, quick }) => {
  const messages = quick ? 2_000 : 20_000;
  const server = await startNatsServer();
  if (!server) throw new Error('the hop bench needs a nats-server on this machine');
  const script = await compile('nats/hop-variant.ts');
  const processes = new Map<Variant, VariantProcess>();
  const rows = new Map<Variant, Row>();
  try {
    for (const variant of VARIANTS) {
      processes.set(variant, await VariantProcess.start(script.path, [variant, server.url]));
      rows.set(variant, { name: variant, unit: 'ns CPU per hop', values: [] });
    }
    for (const process of processes.values()) await process.ask<number>(messages * 2);
    for (let round = 0; round < rounds; round++) {
      const sums = new Map<Variant, number>();
      for (let block = 0; block < BLOCKS; block++) {
        for (const [variant, process] of processes) {
          sums.set(variant, (sums.get(variant) ?? 0) + (await process.ask<number>(messages)));
        }
      }
      for (const [variant, sum] of sums) rows.get(variant)!.values.push(sum / BLOCKS);
    }
  } finally {
    await Promise.all([...processes.values()].map((process) => process.stop()));
    await server.stop();
    await script.remove();
  }
  const row = (variant: Variant): Row => rows.get(variant)!;
  return {
    name: 'hop',
    rounds,
    rows: [...rows.values()],
    targets: [
      { name: 'spanbus 100% / otel 100%', value: ratio(row('spanbus 100%'), row('otel 100%')), op: '<=', limit: 0.45 },
      { name: 'spanbus 1% / otel 1%', value: ratio(row('spanbus 1%'), row('otel 1%')), op: '<=', limit: 0.6 },
      { name: 'spanbus 1% / by hand', value: ratio(row('spanbus 1%'), row('by hand')), op: '<=', limit: 1.4 },
    ],
  };
};
