import { defineConfig } from 'landfall'

export default defineConfig({
  postgres: { provider: 'auto', image: 'postgres:18' },
  systems: {
    'design-log': {
      migrations: { dir: 'migrations/sql/design-log', schema: 'design_log' },
      domain: {
        files: 'fixtures/systems/design-log/domain.ts',
        // Times are milliseconds in a BIGINT; the client of the repositories reads them as numbers.
        profile: { extends: 'postgres', types: { int8: 'number' } },
      },
      backfills: 'backfills/jobs/design-log/*.ts',
    },
    workspace: {
      migrations: { dir: 'migrations/sql/workspace', schema: 'workspace' },
      domain: 'fixtures/systems/workspace/domain.ts',
      backfills: 'backfills/jobs/workspace/*.ts',
    },
  },
})
