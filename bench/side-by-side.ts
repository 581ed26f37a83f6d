import type { BenchOptions, Row } from './harness.js';
import { compile, VariantProcess } from './variant-process.js';

/** Parts of a round, in turns: what the machine does meanwhile, it does to all variants. */
const BLOCKS = 5;
/** Hops before the first round, in blocks. */
const WARM_UP = 2;

/**
 * CPU of a hop of each variant. A variant is a process of its own, which works while the others rest: asked for so many hops, it
 * answers with the ns of CPU that each took.
 *
 * @param script a path below bench
 * @param server what a variant connects to
 */
export async function cpuPerHop<V extends string>(
  script: string,
  variants: readonly V[],
  server: string,
  { rounds, quick }: BenchOptions,
): Promise<Map<V, Row>> {
  const hops = quick ? 2_000 : 20_000;
  const compiled = await compile(script);
  const processes = new Map<V, VariantProcess>();
  const rows = new Map<V, Row>();
  try {
    for (const variant of variants) {
      processes.set(variant, await VariantProcess.start(compiled.path, [variant, server]));
      rows.set(variant, { name: variant, unit: 'ns CPU per hop', values: [] });
    }
    for (const process of processes.values()) await process.ask<number>(hops * WARM_UP);
    for (let round = 0; round < rounds; round++) {
      const sums = new Map<V, number>();
      for (let block = 0; block < BLOCKS; block++) {
        for (const [variant, process] of processes) {
          sums.set(variant, (sums.get(variant) ?? 0) + (await process.ask<number>(hops)));
        }
      }
      for (const [variant, sum] of sums) rows.get(variant)!.values.push(sum / BLOCKS);
    }
  } finally {
    await Promise.all([...processes.values()].map((process) => process.stop()));
    await compiled.remove();
  }
  return rows;
}
