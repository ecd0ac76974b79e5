import { migrationLabel } from '../migrations/migration.ts'
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
})

check('no migration needs empty tables', async ({ facts, report }) => {
  const data = await facts.data()
  const branch = data.length === 0 ? null : await facts.branch()
  for (const { migration, upFailure, failsOnAnyRow } of data) {
    if (upFailure === null) continue
    const on = failsOnAnyRow ? 'as soon as there are rows' : 'on rows that the constraints before it allow'
    // What is merged can be edited no more, and what depends on the rows may be known to hold.
    const added = branch?.added.has(migration.version) ?? failsOnAnyRow
    report({
      rule: 'replay/needs-empty-tables',
      message: `${migrationLabel(migration)} fails ${on}: ${upFailure.message}`,
      location: upFailure.location,
      ...(added ? {} : { severity: 'warning' as const }),
    })
  }
})
