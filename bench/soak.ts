import { parseArgs } from 'node:util';
import { print } from './harness.js';
import { captureSoak, SCENARIOS, type Scenario } from './soak/capture.js';

/** `npm run soak -- capture [--scenario NAME] [--traces N] [--json]`: faults under load, against what each process saw itself. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { json: { type: 'boolean' }, scenario: { type: 'string' }, traces: { type: 'string' } },
});
const [name] = positionals;
const scenario = values.scenario ?? 'plain';
if (name !== 'capture' || !Object.hasOwn(SCENARIOS, scenario)) {
  process.stderr.write(
    `usage: npm run soak -- capture [--scenario ${Object.keys(SCENARIOS).join('|')}] [--traces N] [--json]\n`,
  );
  process.exit(2);
}
const traces = values.traces === undefined ? undefined : Number(values.traces);
print(await captureSoak(scenario as Scenario, traces), values.json ?? false);
process.exit(0);
