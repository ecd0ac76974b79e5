import { objectKey } from '../migrations/catalog/catalog.ts'
import { migrationLabel, type Migration } from '../migrations/migration.ts'
import { locate } from '../migrations/origin.ts'
import type { BaseFailure } from '../migrations/replay-on-base.ts'
import { undeclaredRefusal } from '../migrations/script.ts'
import { emptyTableFindings } from './data-findings.ts'
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
  const stopped = await facts.onBase()
  if (stopped !== null) report(baseFinding(stopped))
  for (const finding of emptyTableFindings(await facts.data(), await facts.branch())) report(finding)
})

/** What is not in the checkout has no line there. */
const baseFinding = ({ migration, failure, after }: BaseFailure): ReportedFinding =>
  after === null
    ? {
        rule: 'replay/fails-on-base',
        severity: 'warning',
        message: `the base itself does not run: ${migrationLabel(migration)} fails: ${failure.message}; what the branch adds was not tried on it`,
      }
    : {
        rule: 'replay/fails-on-base',
        message: `${migrationLabel(migration)} fails after ${migrationLabel(after)}, which was merged since the branch began: ${failure.message}`,
        location: failure.location,
      }

check('migrations leave nothing half done', async ({ facts, report }) => {
  const { proofs } = await facts.proof()
  for (const { migration, sessionLeaks, invalidIndexes } of proofs) {
    const { up } = migration
    const label = migrationLabel(migration)
    if (sessionLeaks.length > 0) {
      const message = `${label} leaves its session changed: ${sessionLeaks.join(', ')}`
      const location = await locate(up, { kind: 'setting', name: sessionLeaks[0]!, relation: null })
      report({ rule: 'replay/session-state-leak', message, object: sessionLeaks[0]!, location })
    }
    for (const name of invalidIndexes) {
      report({
        rule: 'replay/invalid-index-left',
        message: `${label} leaves the index ${name} invalid`,
        object: name,
        location: await locate(up, { kind: 'index', name, relation: null }),
        fix: { sql: `drop index concurrently ${name};` },
      })
    }
  }
})

check('two replays make the same schema', async ({ facts, report }) => {
  const { nonDeterministic, origins } = await facts.proof()
  for (const difference of nonDeterministic.filter(({ cosmetic }) => !cosmetic)) {
    const { kind, name, change, fields } = difference
    const what = change === 'changed' ? `differs in ${fields.join(', ')}` : 'is not there every time'
    report({
      rule: 'replay/non-deterministic-schema',
      message: `${kind} ${name} ${what} between two replays of the same files`,
      object: name,
      location: origins.get(objectKey(difference.actual ?? difference)) ?? null,
    })
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
