import { parseArgs } from 'node:util';
import { print } from './harness.js';
import { captureSoak, SCENARIOS, type Scenario } from './soak/capture.js';

/** `npm run soak -- capture [--scenario NAME] [--bus nats|redis] [--traces N] [--json]`: faults under load, against what each process saw itself. */
const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    json: { type: 'boolean' },
    scenario: { type: 'string' },
    traces: { type: 'string' },
    bus: { type: 'string' },
  },
});
const [name] = positionals;
const scenario = values.scenario ?? 'plain';
const bus = values.bus ?? 'nats';
if (name !== 'capture' || (bus !== 'nats' && bus !== 'redis') || !Object.hasOwn(SCENARIOS, scenario)) {
  process.stderr.write(
    `usage: npm run soak -- capture [--scenario ${Object.keys(SCENARIOS).join('|')}] [--bus nats|redis] [--traces N] [--json]\n`,
  );
  process.exit(2);
}
const traces = values.traces === undefined ? undefined : Number(values.traces);
print(await captureSoak(scenario as Scenario, { traces, bus }), values.json ?? false);
process.exit(0);
