import type { CatalogDifference } from '../migrations/catalog/compare.ts'
import { repairStatements } from '../migrations/catalog/repair.ts'
import type { Location } from '../migrations/error.ts'
import { migrationLabel, type Script } from '../migrations/migration.ts'
import { locate } from '../migrations/origin.ts'
import type { MigrationProof } from '../migrations/prove-migration.ts'
import { lossFindings } from './data-findings.ts'
import { downFailureFinding } from './down-failure-finding.ts'
import { check } from './run.ts'

check('every down script restores what was there before', async ({ facts, report }) => {
  const { proofs } = await facts.proof()
  for (const proof of proofs) {
    const { migration, downFailure, downDifferences, difference, againFailure, againDifferences, before, after } = proof
    if (migration.down === null || proof.upFailure !== null || migration.irreversible !== null) continue
    const label = migrationLabel(migration)
    if (downFailure !== null) {
      report(downFailureFinding(migration, downFailure))
    } else if (difference === 'schema') {
      const sql = repairStatements(downDifferences, before).join('\n')
      const real = downDifferences.filter(({ cosmetic }) => !cosmetic)
      report({
        rule: 'reversible/down-not-inverse',
        message: `after the down script of ${label} ${described(real)}`,
        object: real[0]!.name,
        location: await placeInDown(migration.down, real),
        other: await locate(migration.up, real[0]!),
        fix: { sql },
      })
    } else if (difference === 'cosmetic') {
      const message = `after the down script of ${label} ${described(downDifferences)}`
      report({
        rule: 'reversible/down-reorders',
        message,
        location: await placeInDown(migration.down, downDifferences),
      })
    }
    const again = secondUp(proof)
    if (again === null || difference === 'schema') continue
    report({
      rule: 'reversible/up-not-repeatable-after-down',
      message: `${label} ${again}`,
      location: againFailure?.location ?? (await placeInDown(migration.down, againDifferences)),
      fix: { sql: repairStatements(againDifferences, after ?? []).join('\n') || null },
    })
  }
  for (const finding of await lossFindings(await facts.data(), proofs)) report(finding)
})

check('every object is of a kind that the proof knows', async ({ facts, report }) => {
  const { unknownObjects } = await facts.proof()
  for (const { catalog, count } of unknownObjects) {
    const message = `${count} ${count === 1 ? 'object' : 'objects'} in ${catalog} ${count === 1 ? 'is' : 'are'} of a kind that landfall does not know`
    report({ rule: 'reversible/unknown-object-kind', message, object: catalog })
  }
})

function secondUp({ againFailure, againDifferences }: MigrationProof): string | null {
  if (againFailure) return `does not run again after its down script: ${againFailure.message}`
  const real = againDifferences.filter(({ cosmetic }) => !cosmetic)
  return real.length === 0 ? null : `comes out differently after its down script: ${described(real)}`
}

/** The statement of the down script that deals with the first object, else its first one. */
async function placeInDown(down: Script, differences: readonly CatalogDifference[]): Promise<Location> {
  return locate(down, differences[0]!)
}

const SHOWN = 5

const words = {
  missing: 'is missing',
  extra: 'is left behind',
  changed: 'differs',
  renamed: 'has another name',
} as const

function described(differences: readonly CatalogDifference[]): string {
  const shown = differences.slice(0, SHOWN).map(({ kind, name, change, fields }) => {
    const where = change === 'changed' && fields.length > 0 ? ` in ${fields.join(', ')}` : ''
    return `${kind} ${name} ${words[change]}${where}`
  })
  const more = differences.length > SHOWN ? [`and ${differences.length - SHOWN} more`] : []
  return [...shown, ...more].join(', ')
}
