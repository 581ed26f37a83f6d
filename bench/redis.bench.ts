import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { build } from 'tsup';
import { startRedis } from '../test/servers/redis.js';
import { ratio, type Bench, type Row } from './harness.js';

const VARIANTS = {
  raw: 'ioredis alone',
  sdk: 'envelope by hand, OpenTelemetry SDK',
  spanbus: 'spanbus',
} as const;
type Variant = keyof typeof VARIANTS;

/** The sides as plain JavaScript: what runs TypeScript on the fly also names every closure, at a cost that users never see. */
async function compile(): Promise<string> {
  const outDir = join(import.meta.dirname, '../node_modules/.cache/spanbus-bench');
  const entry = { 'redis-hop': join(import.meta.dirname, 'redis-hop.ts') };
  await build({ config: false, entry, outDir, format: ['esm'], target: 'node20', silent: true, splitting: false });
  return join(outDir, 'redis-hop.js');
}

/**
 * CPU of a hop (publish on one connection, listener on another, 128 bytes, every span kept, an exporter that does nothing).
 * Each side runs in a process of its own, one after the other within a round, so that no side warms up another's code.
 */
export const bench: Bench = async ({ rounds, quick }) => {
  const file = await compile();
  const server = await startRedis();
  const hops = quick ? 2_000 : 40_000;
  const rows = Object.fromEntries(
    Object.entries(VARIANTS).map(([key, name]) => [key, { name, unit: 'ns CPU/hop', values: [] }]),
  ) as unknown as Record<Variant, Row>;
  try {
    for (let round = 0; round < rounds; round++) {
      for (const variant of Object.keys(VARIANTS) as Variant[]) {
        const args = [file, variant, String(server.port), String(hops)];
        const out = execFileSync(process.execPath, args, { encoding: 'utf8', timeout: 120_000 });
        rows[variant].values.push(Number(out.trim()));
      }
    }
  } finally {
    await server.stop();
  }
  return {
    name: 'redis',
    rounds,
    rows: Object.values(rows),
    targets: [
      { name: 'spanbus / ioredis alone', value: ratio(rows.spanbus, rows.raw), op: '<=', limit: 1.35 },
      { name: 'spanbus / SDK', value: ratio(rows.spanbus, rows.sdk), op: '<=', limit: 0.7 },
    ],
  };
};
