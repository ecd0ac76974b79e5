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
      portable: true,
      parity: ['fixtures/systems/design-log/*.parity.ts'],
    },
    workspace: {
      migrations: { dir: 'migrations/sql/workspace', schema: 'workspace' },
      domain: 'fixtures/systems/workspace/domain.ts',
      backfills: 'backfills/jobs/workspace/*.ts',
      parity: ['fixtures/systems/workspace/*.parity.ts'],
    },
    'mission-control': {
      migrations: { dir: 'migrations/sql/mission-control', schema: 'mission_control' },
      domain: ['fixtures/systems/mission-control/domain.ts', 'fixtures/systems/mission-control/schemas.ts'],
      backfills: 'backfills/jobs/mission-control/*.ts',
      parity: ['fixtures/systems/mission-control/*.parity.ts'],
    },
    'idea-lab': {
      migrations: { dir: 'migrations/sql/idea-lab', schema: 'idea_lab' },
      domain: 'fixtures/systems/idea-lab/domain.ts',
      backfills: 'backfills/jobs/idea-lab/*.ts',
      parity: ['fixtures/systems/idea-lab/*.parity.ts'],
      checks: ['fixtures/systems/idea-lab/*.check.ts'],
    },
    aigentflow: {
      migrations: {
        dir: 'migrations/sql/aigentflow',
        schema: 'aigentflow',
        prelude: 'fixtures/systems/aigentflow/roles.sql',
      },
      domain: ['fixtures/systems/aigentflow/domain.ts', 'fixtures/systems/aigentflow/schemas.ts'],
      backfills: 'backfills/jobs/aigentflow/*.ts',
      parity: ['fixtures/systems/aigentflow/*.parity.ts'],
      rls: {
        role: 'aigentflow_app',
        tenants: ['0b6e2f0e-6f4d-4a63-9c55-0f6f1d6f2a01', '0b6e2f0e-6f4d-4a63-9c55-0f6f1d6f2a02'],
        setTenant: 'select set_tenant_context($1)',
      },
    },
  },
})
