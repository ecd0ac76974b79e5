import { buildApplication, buildRouteMap } from '@stricli/core'
import { toolVersion } from '../migrations/version.ts'
import { backfillRoutes } from './commands/backfill.ts'
import { dataRoutes } from './commands/data.ts'
import { doctorCommand } from './commands/doctor.ts'
import { initCommand } from './commands/init.ts'
import { checkCommand, driftCommand, gateCommand } from './commands/checks.ts'
import { migrateRoutes } from './commands/migrate.ts'
import { reportCommand } from './commands/report.ts'
import type { CliContext } from './context.ts'

const exitTable = `Exit codes: 0 ok · 1 findings · 2 usage, configuration, or nothing checked · 3 environment · 4 stopped, resumable ·
5 refused: a rollback would lose later writes · 70 a bug in landfall · 130, 143 stopped by a signal`

export const root = buildRouteMap<string, CliContext>({
  routes: {
    init: initCommand,
    doctor: doctorCommand,
    gate: gateCommand,
    check: checkCommand,
    drift: driftCommand,
    migrate: migrateRoutes,
    backfill: backfillRoutes,
    data: dataRoutes,
    report: reportCommand,
  },
  docs: {
    brief: 'Prove PostgreSQL migrations, compare them with TypeScript, carry data over',
    fullDescription: `Prove PostgreSQL migrations, compare them with TypeScript, carry data over and back.\n\n${exitTable}`,
  },
})

export const app = buildApplication(root, {
  name: 'landfall',
  versionInfo: { currentVersion: toolVersion },
  scanner: { caseStyle: 'allow-kebab-for-camel' },
  documentation: { caseStyle: 'convert-camel-to-kebab', disableAnsiColor: true },
})
