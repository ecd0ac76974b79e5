import type { BranchComparison } from '../migrations/branch.ts'
import type { DataLoss } from '../migrations/data/losses.ts'
import type { DataProof } from '../migrations/data/prove-data.ts'
import { migrationLabel } from '../migrations/migration.ts'
import { locate } from '../migrations/origin.ts'
import type { MigrationProof } from '../migrations/prove-migration.ts'
import type { ReportedFinding } from './finding.ts'

/** SQLSTATEs of duplicates and nulls: what tables have. Any other value that stops an up is one of landfall's making. */
const COMMON = new Set(['23505', '23502'])

/**
 * Up scripts that stop on rows. A warning when the migration is merged, since it can be edited no more, and when the
 * rows may well be known to fit.
 */
export const emptyTableFindings = (data: readonly DataProof[], branch: BranchComparison | null): ReportedFinding[] =>
  data.flatMap(({ migration, upFailure, failsOnAnyRow }) => {
    if (upFailure === null) return []
    const on = failsOnAnyRow ? 'as soon as there are rows' : 'on rows that the constraints before it allow'
    const added = branch?.added.has(migration.up.file) ?? null
    const binding = failsOnAnyRow ? added !== false : added === true && COMMON.has(upFailure.sqlstate ?? '')
    return [
      {
        rule: 'replay/needs-empty-tables',
        message: `${migrationLabel(migration)} fails ${on}: ${upFailure.message}`,
        location: upFailure.location,
        ...(binding ? {} : { severity: 'warning' as const }),
      },
    ]
  })

/** Down scripts that stop on rows, or do not give them back as they were. */
export async function lossFindings(
  data: readonly DataProof[],
  proofs: readonly MigrationProof[],
): Promise<ReportedFinding[]> {
  const differences = new Map(proofs.map(({ migration, downDifferences }) => [migration, downDifferences]))
  const findings: ReportedFinding[] = []
  for (const { migration, losses, downFailure } of data) {
    const label = migrationLabel(migration)
    if (downFailure !== null) {
      findings.push({
        rule: 'reversible/down-fails',
        message: `the down script of ${label} fails as soon as there are rows: ${downFailure.message}`,
        location: downFailure.location,
      })
    }
    const missing = (differences.get(migration) ?? []).filter(({ change }) => change === 'missing')
    const gone = new Set(missing.map(({ name }) => name))
    for (const loss of losses) {
      const object = objectOf(loss)
      // What the down does not bring back at all is `reversible/down-not-inverse`.
      if (gone.has(object) || gone.has(loss.table)) continue
      const of = { kind: '', name: object, relation: loss.column === null ? null : loss.table }
      findings.push({
        rule: 'reversible/loses-data',
        message: `after up and down of ${label} ${described(loss)}`,
        object,
        location: await locate(migration.down!, of),
        other: await locate(migration.up, of),
      })
    }
  }
  return findings
}

const objectOf = ({ table, column }: DataLoss): string => (column === null ? table : `${table}.${quoted(column)}`)

/** As the catalog names a column. */
const quoted = (name: string): string => (/^[a-z_][a-z0-9_]*$/.test(name) ? name : `"${name.replaceAll('"', '""')}"`)

function described(loss: DataLoss): string {
  const rows = loss.rows === 1 ? '1 row' : `${loss.rows} rows`
  const example = loss.example === null ? '' : ` (${loss.example})`
  if (loss.column === null) return `${rows} of ${loss.table} ${loss.rows === 1 ? 'is' : 'are'} gone${example}`
  return `${objectOf(loss)} is not the same in ${rows}${example}`
}
