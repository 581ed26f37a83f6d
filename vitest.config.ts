import { defineConfig } from 'vitest/config';

/** One project a kind of test; the integration tests talk to real servers, so they get time and run few at once. */
export default defineConfig({
  test: {
    projects: [
      { test: { name: 'unit', include: ['test/unit/**/*.test.ts'] } },
      { test: { name: 'architecture', include: ['test/architecture/**/*.test.ts'] } },
      {
        test: {
          name: 'integration',
          include: ['test/{integration,golden,browser}/**/*.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
          // on a machine with other work a page may take seconds to draw
          expect: { poll: { timeout: 15_000 } },
        },
      },
    ],
  },
});
