import { migrationLabel, type Migration } from '../migrations/migration.ts'
import { undeclaredRefusal } from '../migrations/script.ts'
import type { ReportedFinding } from './finding.ts'
import { check } from './run.ts'

check('all migrations run on a fresh database', async ({ facts, report }) => {
  const { proofs } = await facts.proof()
  const skipped = proofs.filter(({ state, after }) => state === 'skipped' && after === null).length
  for (const { migration, upFailure } of proofs) {
    await reportRefusals(migration, report)
    if (upFailure === null) continue
    const rest = skipped > 0 ? `; ${skipped} later migrations were not reached` : ''
    const message = `${migrationLabel(migration)} fails: ${upFailure.message}${rest}`
    report({ rule: 'replay/fails', message, location: upFailure.location })
  }
})

/** Such a script is proven outside a transaction; a deploy would fail. */
async function reportRefusals(migration: Migration, report: (finding: ReportedFinding) => void): Promise<void> {
  for (const script of [migration.up, migration.down]) {
    const statement = script && (await undeclaredRefusal(script))
    if (!statement) continue
    const message = `${migrationLabel(migration)} runs in a transaction, which PostgreSQL refuses for this statement`
    const { line, column } = statement
    report({ rule: 'lint/concurrently-in-transaction', message, location: { file: script.file, line, column } })
  }
}
