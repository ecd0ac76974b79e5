import { check } from './run.ts'

check('every backfill runs, verifies and rolls back on a copy', async ({ system, facts, report, skip }) => {
  if (system.backfills === null) skip('the system has no backfills')
  if (!(await facts.proof()).complete) skip('the replay failed')
  for (const { name, error, rejects, differences, notRestored } of (await facts.rehearsals())!) {
    if (error !== null)
      report({ rule: 'backfill/fails', message: `${name} stops: ${error.message}`, location: error.location })
    for (const { file, position, stage, code, reason } of rejects) {
      const location = file === null ? null : { file, line: position.line, column: null }
      report({
        rule: 'backfill/rejected',
        message: `${name}: record ${position.record} is refused (${stage}, ${code}): ${reason}`,
        location,
      })
    }
    for (const { table, key, column, expected, actual } of differences) {
      const message = `${name}: ${table} ${JSON.stringify(key)} ${column ?? 'row'}: the source says ${shown(expected)}, the table ${shown(actual)}`
      report({
        rule: 'backfill/differs',
        message,
        object: column === null ? table : `${table}.${column}`,
      })
    }
    for (const table of notRestored)
      report({
        rule: 'backfill/not-restored',
        message: `${name}: ${table} is not what it was before the run`,
        object: table,
      })
  }
})

const shown = (value: unknown): string => {
  const text =
    JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part)) ?? 'nothing'
  return text.length > 200 ? `${text.slice(0, 200)}…` : text
}
