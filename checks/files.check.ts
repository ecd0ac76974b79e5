import { join } from 'node:path'
import { migrationLabel, type FileProblem, type Migration } from '../migrations/migration.ts'
import { directoryOf } from '../migrations/layouts/read.ts'
import { failureOf, parsed } from '../migrations/execute.ts'
import { compareSum, SUM_FILE, sumMessage } from '../migrations/sum.ts'
import { downFailureFinding } from './down-failure-finding.ts'
import { check } from './run.ts'

check('every file is a migration, and every migration has its way back', async ({ facts, report }) => {
  const { migrations, problems } = await facts.migrations()
  const branch = await facts.branch()
  for (const { rule, file, message, line = 1 } of [...problems, ...(branch?.problems ?? []), ...gaps(migrations)])
    report({ rule, message, location: { file, line, column: null } })
})

check('every down script can be read, without a database', async ({ migrations, report }) => {
  for (const migration of migrations) {
    if (migration.down === null || migration.irreversible !== null) continue
    const failure = await parsed(migration.down).then(() => null, failureOf)
    if (failure) report(downFailureFinding(migration, failure))
  }
})

check('landfall.sum, where there is one, is up to date', async ({ system: { root, migrations: settings }, report }) => {
  const file = join(directoryOf(root, settings), SUM_FILE)
  for (const difference of (await compareSum(root, settings)) ?? []) {
    const location = { file, line: difference.line, column: null }
    report({ rule: 'files/sum-stale', message: sumMessage(difference), location })
  }
})

const isCounted = ({ version }: Migration): boolean => /^\d{1,6}$/.test(version)

/** Numbers that count up may miss one; timestamps always do. */
function gaps(migrations: readonly Migration[]): FileProblem[] {
  return migrations.flatMap((migration, index) => {
    const before = migrations[index - 1]
    if (
      !before ||
      !isCounted(migration) ||
      !isCounted(before) ||
      BigInt(migration.version) - BigInt(before.version) <= 1n
    )
      return []
    const message = `between ${migrationLabel(before)} and ${migrationLabel(migration)} a version is missing`
    return [{ rule: 'files/version-gap' as const, file: migration.up.file, message }]
  })
}
