import { defineConfig } from 'vitest/config';

const servers = {
  testTimeout: 60_000,
  hookTimeout: 60_000,
  // on a machine with other work a page may take seconds to draw
  expect: { poll: { timeout: 15_000 } },
};

/**
 * One project a kind of test. Files of a group run side by side, one group after the other; those of `integration` run alone, because
 * they look at when something happens on a bus, or whether it is in time.
 */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'] } },
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'], maxWorkers: 2, sequence: { groupOrder: 1 } } },
      {
        test: {
          name: 'analysis',
          include: ['test/{analysis,golden,browser,programs}/**/*.test.ts'],
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          ...servers,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
          ...servers,
        },
      },
    ],
  },
});
