import { migrationLabel, type FileProblem, type Migration } from '../migrations/migration.ts'
import { check } from './run.ts'

check('every file is a migration, and every migration has its way back', async ({ facts, report }) => {
  const { migrations, problems } = await facts.migrations()
  const branch = await facts.branch()
  for (const { rule, file, message, line = 1 } of [...problems, ...(branch?.problems ?? []), ...gaps(migrations)])
    report({ rule, message, location: { file, line, column: null } })
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
