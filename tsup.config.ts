import { cpSync } from 'node:fs';
import { defineConfig } from 'tsup';

const target = 'node20';

/** Libraries for both module systems, the command line for ESM only, and the scripts that report pages carry inside. */
export default defineConfig([
  {
    entry: {
      index: 'src/index.ts',
      nats: 'adapters/nats/index.ts',
      redis: 'adapters/redis/index.ts',
      memory: 'adapters/memory/index.ts',
      clickhouse: 'src/clickhouse/index.ts',
      testing: 'test/contract/index.ts',
    },
    format: ['esm', 'cjs'],
    // tsup's declaration build sets baseUrl, which TypeScript 6 calls deprecated
    dts: { compilerOptions: { ignoreDeprecations: '6.0' } },
    shims: true,
    splitting: true,
    sourcemap: true,
    clean: true,
    target,
  },
  {
    entry: {
      cli: 'src/cli/main.ts',
      'embedded-process': 'src/clickhouse/embedded-process.ts',
      'demo-agent': 'src/demo/agent-process.ts',
    },
    format: ['esm'],
    sourcemap: true,
    target,
    onSuccess: async () => {
      cpSync('src/sql', 'dist/sql', { recursive: true, filter: (file) => !file.endsWith('.ts') });
      return Promise.resolve();
    },
  },
  {
    entry: {
      'browser/flame': 'src/report/browser/flame.ts',
      'browser/report': 'src/report/browser/report.ts',
      'browser/trace': 'src/report/browser/trace.ts',
    },
    format: ['iife'],
    platform: 'browser',
    minify: true,
    target: 'es2022',
    outExtension: () => ({ js: '.js' }),
    noExternal: [/.*/],
  },
]);
