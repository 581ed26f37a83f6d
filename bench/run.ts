import { readdirSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { print, type Bench } from './harness.js';

/** `npm run bench -- NAME [--json] [--rounds N] [--quick]`: exits 0 whatever the figures are, they are for reading. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, rounds: { type: 'string' }, quick: { type: 'boolean' } },
});
const known = readdirSync(import.meta.dirname)
  .filter((file) => file.endsWith('.bench.ts'))
  .map((file) => file.replace('.bench.ts', ''));
const [name] = positionals;
if (name === undefined || !known.includes(name)) {
  process.stderr.write(
    `usage: npm run bench -- NAME [--json] [--rounds N] [--quick]; NAME is one of ${known.join(', ')}\n`,
  );
  process.exit(2);
}
const { bench } = (await import(`./${name}.bench.ts`)) as { bench: Bench };
print(await bench({ rounds: Number(values.rounds ?? 5), quick: values.quick ?? false }), values.json ?? false);
process.exit(0);
