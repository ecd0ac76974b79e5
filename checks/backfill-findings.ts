import type { Difference } from '../backfills/compare.ts'
import type { Reject } from '../backfills/record.ts'
import type { Rehearsal } from '../backfills/rehearse.ts'
import type { ReportedFinding } from './finding.ts'

/** A record that a job did not carry over; `file` is what its line counts in. */
export const rejectedFinding = (
  job: string,
  { position, stage, code, reason }: Reject,
  file: string | null,
): ReportedFinding => ({
  rule: 'backfill/rejected',
  message: `${job}: record ${position.record} is refused (${stage}, ${code}): ${reason}`,
  location: file === null ? null : { file, line: position.line, column: null },
})

/** A place where a table is not what the source says. */
export function differenceFinding(job: string, difference: Difference, file: string | null): ReportedFinding {
  const { table, key, column, expected, actual, record, line } = difference
  const what =
    column !== null
      ? `${column}: the source says ${shown(expected)}, the table ${shown(actual)}`
      : record === null
        ? 'this row is explained by no record of the source'
        : 'the row of this record is missing'
  return {
    rule: 'backfill/differs',
    message: `${job}: ${table} (${key.join(', ')}) ${what}`,
    object: column === null ? table : `${table}.${column}`,
    location: file === null || record === null ? null : { file, line, column: null },
  }
}

/** Everything that a rehearsal found. */
export const rehearsalFindings = ({
  name,
  file,
  error,
  rejects,
  differences,
  notRestored,
}: Rehearsal): ReportedFinding[] => [
  ...(error === null
    ? []
    : [{ rule: 'backfill/fails', message: `${name} stops: ${error.message}`, location: error.location }]),
  ...rejects.map((reject) => rejectedFinding(name, reject, file)),
  ...differences.map((difference) => differenceFinding(name, difference, file)),
  ...notRestored.map((table) => ({
    rule: 'backfill/not-restored',
    message: `${name}: ${table} is not what it was before the run`,
    object: table,
  })),
]

const shown = (text: string | null): string =>
  text === null ? 'NULL' : JSON.stringify(text.length > 200 ? `${text.slice(0, 200)}…` : text)
