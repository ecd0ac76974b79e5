import type { DatabaseError } from './copy-connection.ts'
import type { PreparedRecord } from './record.ts'
import { recordOfLine } from './stage.ts'
import type { Target } from './target.ts'

/**
 * A statement failed because of a row; `record` is the place of its record, from 0, where the server names the
 * line.
 */
export class RowFailure extends Error {
  override readonly name = 'RowFailure'
  /** The SQLSTATE, or `not-written`. */
  readonly code: string
  readonly record: number | null

  constructor(code: string, message: string, record: number | null, cause?: unknown) {
    super(message, { cause })
    this.code = code
    this.record = record
  }
}

/** The table that rows are on their way to, and its place among the targets. */
interface Destination {
  readonly index: number
  readonly target: Target
}

/**
 * Does `work` with some records, and turns what the server says about a row into a `RowFailure`; any other error
 * stays what it is.
 * @throws {RowFailure}
 */
export async function blaming<T>(
  to: Destination | null,
  records: readonly PreparedRecord[],
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work()
  } catch (error) {
    const { code, where, message, detail } = error as DatabaseError
    if (error instanceof RowFailure || code === undefined || !isAboutRows(code, to)) throw error
    const line = to === null ? null : copyLine(where)
    const record = line === null ? null : recordOfLine(to!.index, records, line)
    throw new RowFailure(code, detail === undefined ? message : `${message}: ${detail}`, record, error)
  }
}

/**
 * Data exceptions, violated constraints, checks of views, errors that triggers raise; and what a row-level policy
 * refuses.
 */
const isAboutRows = (code: string, to: Destination | null): boolean =>
  /^(22|23|44|P0)/.test(code) || (code === '42501' && to?.target.rowSecurity === true)

/** The line in the context of a failed COPY, in whatever language the server speaks. */
const copyLine = (where: string | undefined): number | null => {
  const line = /^COPY .*?, \S+ (\d+)/m.exec(where ?? '')?.[1]
  return line === undefined ? null : Number(line)
}
