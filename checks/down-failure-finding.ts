import type { ScriptFailure } from '../migrations/execute.ts'
import { migrationLabel, type Migration } from '../migrations/migration.ts'
import type { ReportedFinding } from './finding.ts'

/** A down script that stops: found without a database when it cannot be parsed, else by running it. */
export const downFailureFinding = (migration: Migration, failure: ScriptFailure): ReportedFinding => ({
  rule: failure.syntax ? 'lint/syntax-error' : 'reversible/down-fails',
  message: `the down script of ${migrationLabel(migration)} fails: ${failure.message}`,
  location: failure.location,
})
