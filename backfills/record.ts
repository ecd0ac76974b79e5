import { LandfallError, messageOf } from '../migrations/error.ts'
import type { Backfill, Row } from './define.ts'
import { encodeValue, UnstorableValue } from './encode.ts'
import { recordText } from './json-text.ts'
import type { Cursor, Position, SourceRecord } from './sources/source.ts'
import type { Target, TargetColumn } from './target.ts'

/** A record that is not carried over. */
export interface Reject {
  readonly position: Position
  readonly stage: 'parse' | 'schema' | 'database'
  /** `invalid-json`, zod's code of the first issue, or the SQLSTATE. */
  readonly code: string
  readonly reason: string
  /** The record as the source has it. */
  readonly raw: string
}

/** The texts of a row, one for each of its table's written columns; undefined: the column's default. */
export type EncodedRow = readonly (string | null | undefined)[]

/** A record as rows of text, ready to be written. */
export interface PreparedRecord {
  readonly position: Position
  readonly end: Cursor
  readonly raw: unknown
  /** By target. */
  readonly rows: readonly (readonly EncodedRow[])[]
  /** Characters of all rows. */
  readonly size: number
}

/** The columns that the records of a job were seen to write, in the order of their appearance; it only ever grows. */
export class WrittenColumns {
  readonly columns: TargetColumn[] = []
  readonly #places = new Map<string, number>()

  constructor(target: Target) {
    for (const { name } of target.key) this.place(target, name)
  }

  place(target: Target, name: string): number {
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const column = target.columns.get(name)
    if (column === undefined || column.generated) throw notWritable(target, name, column)
    this.#places.set(name, this.columns.length)
    return this.columns.push(column) - 1
  }
}

export const rawText = (raw: unknown): string =>
  (typeof raw === 'string' ? raw : recordText(raw)).replaceAll('\0', '\u2400')

/** Validates, maps and encodes records of one job. */
export class RecordReader {
  readonly job: Backfill
  readonly targets: readonly Target[]
  readonly written: readonly WrittenColumns[]

  constructor(job: Backfill, targets: readonly Target[]) {
    this.job = job
    this.targets = targets
    this.written = targets.map((target) => new WrittenColumns(target))
  }

  /**
   * A record that is wrong is a reject, a job that is wrong throws.
   * @throws {LandfallError} `usage`: the map names a column that cannot be written
   */
  async read(source: SourceRecord): Promise<PreparedRecord | Reject> {
    const { position, end, raw, parsed } = source
    const reject = (stage: Reject['stage'], code: string, reason: string): Reject => ({
      position,
      stage,
      code,
      reason,
      raw: rawText(raw),
    })
    if (!parsed.ok) return reject('parse', parsed.code, parsed.reason)
    try {
      const result = await this.#validate(parsed.value)
      if (!result.success) {
        const issues = result.error.issues.map(({ path, message }) =>
          path.length > 0 ? `${path.join('.')}: ${message}` : message,
        )
        return reject('schema', result.error.issues[0]?.code ?? 'invalid', issues.join('; '))
      }
      const rows = this.job.tables.map(({ map }, index) => this.#encode(index, map(result.data as never)))
      if (rows.every((of) => of.length === 0)) return reject('schema', 'no-row', 'the map makes no row of this record')
      return { position, end, raw, rows, size: sizeOf(rows) }
    } catch (error) {
      if (error instanceof LandfallError) throw error
      if (error instanceof UnstorableValue) return reject('schema', 'unstorable', error.message)
      return reject('schema', 'map-failed', messageOf(error))
    }
  }

  async #validate(value: unknown) {
    try {
      return this.job.schema.safeParse(value)
    } catch (error) {
      if ((error as Error).constructor.name !== '$ZodAsyncError') throw error
      return this.job.schema.safeParseAsync(value)
    }
  }

  #encode(index: number, mapped: Row | readonly Row[]): EncodedRow[] {
    const target = this.targets[index]!
    const written = this.written[index]!
    return (Array.isArray(mapped) ? (mapped as readonly Row[]) : [mapped as Row]).map((row) => {
      const values: (string | null | undefined)[] = []
      for (const [name, value] of Object.entries(row)) {
        if (value === undefined) continue
        const place = written.place(target, name)
        try {
          values[place] = encodeValue(value, written.columns[place]!)
        } catch (error) {
          throw error instanceof UnstorableValue
            ? new UnstorableValue(`${target.table}.${name}: ${error.message}`)
            : error
        }
      }
      for (const [place, { name }] of target.key.entries()) {
        if (typeof values[place] !== 'string')
          throw new UnstorableValue(`${target.table}.${name}: the key has no value`)
      }
      return values
    })
  }
}

export const isReject = (record: PreparedRecord | Reject): record is Reject => 'stage' in record

const sizeOf = (rows: readonly (readonly EncodedRow[])[]): number => {
  let size = 0
  for (const of of rows) for (const row of of) for (const value of row) size += (value?.length ?? 2) + 1
  return size
}

function notWritable(target: Target, name: string, column: TargetColumn | undefined): LandfallError {
  const writable = [...target.columns.values()].filter(({ generated }) => !generated).map((each) => each.name)
  const what =
    column === undefined ? `${target.table} has no column ${name}` : `${target.table}.${name} is a generated column`
  return new LandfallError('usage', 'backfills/unknown-column', what, {
    next: `correct the map; it may write ${writable.join(', ')}`,
    fields: { table: target.table, column: name },
  })
}
