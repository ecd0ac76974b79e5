import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{pipelines,checks,backfills,migrations,fixtures,docs,.github}/**/*.test.ts'],
    globalSetup: ['fixtures/server.setup.ts'],
    testTimeout: 300_000,
    hookTimeout: 300_000,
    maxWorkers: 3, // of two cores: some tests wait for servers and containers
    execArgv: ['--liftoff-only'], // as pipelines/cli.ts
    isolate: false, // no test changes a module: the files of a worker share what they import
  },
})
