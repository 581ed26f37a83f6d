import { startRedis } from '../test/servers/redis.js';
import { ratio, type Bench, type Row } from './harness.js';
import { VARIANTS, type Variant } from './redis/hop-variant.js';
import { cpuPerHop } from './side-by-side.js';

/** CPU of one hop over Redis: 128 bytes published on one connection, a listener on another, every span kept. */
export const bench: Bench = async (options) => {
  const server = await startRedis();
  try {
    const rows = await cpuPerHop('redis/hop-variant.ts', VARIANTS, String(server.port), options);
    const row = (variant: Variant): Row => rows.get(variant)!;
    const [raw, sdk] = VARIANTS;
    return {
      name: 'redis',
      rounds: options.rounds,
      rows: [...rows.values()],
      targets: [
        { name: 'spanbus / ioredis alone', value: ratio(row('spanbus'), row(raw)), op: '<=', limit: 1.35 },
        { name: 'spanbus / SDK', value: ratio(row('spanbus'), row(sdk)), op: '<=', limit: 0.7 },
      ],
    };
  } finally {
    await server.stop();
  }
};
