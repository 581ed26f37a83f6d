import type { NatsConnection } from '@nats-io/transport-node';
import { expect, it } from 'vitest';
import { traceNats } from '../../adapters/nats/index.js';
import { describeNats } from '../nats-suite.js';
import { coreScenarios } from '../transparency/core-scenarios.js';
import { jetStreamScenarios } from '../transparency/jetstream-scenarios.js';
import { requestScenarios } from '../transparency/request-scenarios.js';
import { comparable, type Scenario } from '../transparency/scenario.js';

const scenarios = [...coreScenarios, ...requestScenarios, ...jetStreamScenarios];

describeNats('With and without tracing, the same', (suite) => {
  /** Runs a scenario on connections of its own and returns all that its user could see. */
  async function observe(scenario: Scenario, isTraced: boolean): Promise<unknown> {
    const { generation, server } = suite;
    const notes: unknown[] = [];
    const opened: NatsConnection[] = [];
    const connect = async (): Promise<NatsConnection> => {
      const nc = await generation.connect({ servers: server.url });
      opened.push(nc);
      return nc;
    };
    const open = async (): Promise<NatsConnection> => (isTraced ? traceNats(await connect()) : connect());
    try {
      const bench = { generation, nc: await open(), peer: await connect(), open };
      await scenario.run({ ...bench, log: (...what) => void notes.push(what) });
    } finally {
      await Promise.all(opened.map((nc) => nc.close()));
    }
    return comparable(notes);
  }

  it('is shown in at least 30 scenarios', () => {
    expect(scenarios.length).toBeGreaterThanOrEqual(30);
  });

  it.each(scenarios)('$name', async (scenario) => {
    const raw = await observe(scenario, false);
    const traced = await observe(scenario, true);
    expect(raw).not.toEqual([]);
    expect(traced).toEqual(raw);
  });

  it('has the same members, on the same prototype', () => {
    const members = (object: object): unknown[] => {
      const names = new Set<PropertyKey>();
      for (let o: object | null = object; o && o !== Object.prototype; o = Object.getPrototypeOf(o) as object | null) {
        for (const key of Reflect.ownKeys(o)) names.add(key);
      }
      return [...names].map((key) => [String(key), typeof (object as Record<PropertyKey, unknown>)[key]]).sort();
    };
    expect(Object.getPrototypeOf(suite.nc)).toBe(Object.getPrototypeOf(suite.raw));
    // what a client adds to itself when first used differs by what was used
    const late = new Set(['_services', 'closeListeners']);
    const lasting = (list: unknown[]): unknown[] => list.filter((m) => !late.has((m as string[])[0]!));
    expect(lasting(members(suite.nc))).toEqual(lasting(members(suite.raw)));
  });
});
