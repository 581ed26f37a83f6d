import { startNatsServer } from '../src/demo/nats-server.js';
import { ratio, type Bench, type Row } from './harness.js';
import { VARIANTS, type Variant } from './nats/hop-variant.js';
import { cpuPerHop } from './side-by-side.js';

/**
 * CPU of one hop over NATS: a message of 128 bytes published on one connection and handled by a callback on another, in one
 * process, through a nats-server.
 */
export const bench: Bench = async (options) => {
  const server = await startNatsServer();
  if (!server) throw new Error('the hop bench needs a nats-server on this machine');
  try {
    const rows = await cpuPerHop('nats/hop-variant.ts', VARIANTS, server.url, options);
    const row = (variant: Variant): Row => rows.get(variant)!;
    const share = (one: Variant, other: Variant, limit: number) => ({
      name: `${one} / ${other}`,
      value: ratio(row(one), row(other)),
      op: '<=' as const,
      limit,
    });
    return {
      name: 'hop',
      rounds: options.rounds,
      rows: [...rows.values()],
      targets: [
        share('spanbus 100%', 'otel 100%', 0.45),
        share('spanbus 1%', 'otel 1%', 0.6),
        share('spanbus 1%', 'by hand', 1.4),
      ],
    };
  } finally {
    await server.stop();
  }
};
