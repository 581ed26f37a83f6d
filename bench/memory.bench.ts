import { startNatsServer } from '../src/demo/nats-server.js';
import type { Bench, Row } from './harness.js';
import { compile, VariantProcess } from './variant-process.js';

const MIB = 1 << 20;
const RATIOS = ['1', '0.01'];

/**
 * The heap of a traced process after 1 million messages and after 10 million: publishes on fixed subjects, on subjects with
 * ids, and requests with their replies. A tenth of that when quick. Rounds have no part in it.
 */
export const bench: Bench = async ({ quick }) => {
  const messages = quick ? 100_000 : 1_000_000;
  const server = await startNatsServer();
  if (!server) throw new Error('the memory bench needs a nats-server on this machine');
  const script = await compile('nats/memory-variant.ts');
  const rows: Row[] = [];
  const growth: { ratio: string; value: number }[] = [];
  try {
    for (const ratio of RATIOS) {
      const process = await VariantProcess.start(script.path, [ratio, server.url], ['--expose-gc']);
      const early = (await process.ask<number>(messages)) / MIB;
      const late = (await process.ask<number>(messages * 9)) / MIB;
      await process.stop();
      rows.push({ name: `at ${ratio}, after ${messages} messages`, unit: 'MiB heap', values: [early] });
      rows.push({ name: `at ${ratio}, after ${messages * 10} messages`, unit: 'MiB heap', values: [late] });
      growth.push({ ratio, value: late / early });
    }
  } finally {
    await server.stop();
    await script.remove();
  }
  return {
    name: 'memory',
    rounds: 1,
    rows,
    targets: growth.map(({ ratio, value }) => ({
      name: `heap late / early, at ${ratio}`,
      value,
      op: '<=',
      limit: 1.1,
    })),
  };
};
