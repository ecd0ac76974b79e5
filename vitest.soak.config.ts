import { defineConfig } from 'vitest/config'

// npm run test:soak: faults at random moments, for minutes; not part of npm test.
export default defineConfig({
  test: {
    include: ['{pipelines,checks,backfills,migrations,fixtures}/**/*.soak.ts'],
    globalSetup: ['fixtures/server.setup.ts'],
    testTimeout: 30 * 60_000,
    hookTimeout: 60_000,
    maxWorkers: 1,
  },
})
