import { migrationLabel } from '../migrations/migration.ts'
import { emptyTableFindings } from './data-findings.ts'
import { check } from './run.ts'

check('all migrations run on a fresh database', async ({ facts, report }) => {
  const { proofs } = await facts.proof()
  const skipped = proofs.filter(({ state, after }) => state === 'skipped' && after === null).length
  for (const { migration, upFailure } of proofs) {
    if (upFailure === null) continue
    const rest = skipped > 0 ? `; ${skipped} later migrations were not reached` : ''
    const message = `${migrationLabel(migration)} fails: ${upFailure.message}${rest}`
    report({ rule: 'replay/fails', message, location: upFailure.location })
  }
  for (const finding of emptyTableFindings(await facts.data(), await facts.branch())) report(finding)
})
