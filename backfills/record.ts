import type { z } from 'zod'
import { LandfallError, messageOf } from '../migrations/error.ts'
import { columnOf, type Backfill, type Row } from './define.ts'
import { encodeValue, UnstorableValue } from './encode.ts'
import { recordText } from './json-text.ts'
import { RowPacker, type PackedRows } from './binary/packed-rows.ts'
import { RawText } from './sources/raw-text.ts'
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

/** The values of a row, one for each of its table's written columns; undefined: the column's default. */
export type RowValues = readonly unknown[]

/** The rows of a record, by target. */
type Rows = readonly (readonly RowValues[])[]

/** A record as rows, each value of which can be written. */
export class PreparedRecord {
  readonly position: Cursor
  readonly raw: unknown
  /** Of a row of a live table: what says that it is still the row that was read. */
  readonly version: string | undefined
  /** About as many bytes as the rows need on their way. */
  readonly size: number
  /** How many rows there are, by target. */
  readonly counts: readonly number[]
  #rows: Rows | null
  readonly #reader: RecordReader

  /** `rows`: null when they are packed already; they are made anew should they be needed again. */
  constructor(source: SourceRecord, size: number, counts: readonly number[], rows: Rows | null, reader: RecordReader) {
    this.position = source.position
    this.raw = source.raw
    this.version = source.version
    this.size = size
    this.counts = counts
    this.#rows = rows
    this.#reader = reader
  }

  get rows(): Rows {
    return (this.#rows ??= this.#reader.rowsAgain(this))
  }
}

/** The columns that the records of a job were seen to write, in the order of their appearance; it only ever grows. */
export class WrittenColumns {
  readonly columns: TargetColumn[] = []
  readonly #places = new Map<string, number>()
  readonly #target: Target
  /** Rows mostly have the properties of the one before, in the same order. */
  #names: readonly string[] = []
  #shape: readonly number[] = []

  constructor(target: Target) {
    this.#target = target
    for (const { name } of target.key) this.#place(name)
  }

  /** The values of a row by their places; `named` says which column a property is. */
  valuesOf(row: Row, named: (property: string) => string): RowValues {
    const names = Object.keys(row)
    if (!this.#isKnown(names)) {
      const given = names.filter((name) => row[name] !== undefined)
      const shape = given.map((name) => this.#place(named(name)))
      if (given.length < names.length) return placed(row, given, shape)
      ;[this.#names, this.#shape] = [names, shape]
    }
    return placed(row, names, this.#shape)
  }

  #isKnown(names: readonly string[]): boolean {
    const known = this.#names
    if (names.length !== known.length || names.length === 0) return false
    for (let i = 0; i < names.length; i += 1) if (names[i] !== known[i]) return false
    return true
  }

  #place(name: string): number {
    const target = this.#target
    const known = this.#places.get(name)
    if (known !== undefined) return known
    const column = target.columns.get(name)
    if (column === undefined || column.generated) throw notWritable(target, name, column)
    this.#places.set(name, this.columns.length)
    return this.columns.push(column) - 1
  }
}

function placed(row: Row, names: readonly string[], shape: readonly number[]): RowValues {
  const values: unknown[] = []
  for (let i = 0; i < names.length; i += 1) values[shape[i]!] = row[names[i]!]
  return values
}

export const rawText = (raw: unknown): string =>
  (typeof raw === 'string' ? raw : raw instanceof RawText ? raw.toString() : recordText(raw)).replaceAll('\0', '\u2400')

/** What the records since the last call became, table by table. */
export interface TableRows {
  readonly columns: readonly TargetColumn[]
  /** The rows of all these records; null when they have to go as text. */
  readonly packed: PackedRows | null
}

type Validated = z.ZodSafeParseResult<unknown>

/** Validates and maps records of one job, and makes sure that every value can be written. */
export class RecordReader {
  readonly job: Backfill
  readonly targets: readonly Target[]
  readonly written: readonly WrittenColumns[]
  readonly #packers: readonly RowPacker[]
  /** What most records have: one row in each table. */
  readonly #single: readonly number[]

  /** `pack`: rows are also written as bytes, which `takeTables` hands over. */
  constructor(job: Backfill, targets: readonly Target[], { pack = false }: { pack?: boolean } = {}) {
    this.job = job
    this.targets = targets
    this.written = targets.map((target) => new WrittenColumns(target))
    this.#packers = pack ? targets.map(({ key }, index) => new RowPacker(this.written[index]!.columns, key.length)) : []
    this.#single = targets.map(() => 1)
  }

  takeTables(): TableRows[] {
    return this.written.map(({ columns }, index) => ({
      packed: this.#packers[index]?.take() ?? null,
      columns: [...columns],
    }))
  }

  /**
   * A record that is wrong is a reject, a job that is wrong throws. A promise only where the schema is asynchronous.
   * @throws {LandfallError} `usage`: the map names a column that cannot be written
   */
  read(source: SourceRecord): PreparedRecord | Reject | Promise<PreparedRecord | Reject> {
    const { parsed } = source
    if (!parsed.ok) return rejectOf(source, 'parse', parsed.code, parsed.reason)
    try {
      return this.#accept(source, this.job.schema.safeParse(parsed.value), true)
    } catch (error) {
      if ((error as Error).constructor.name !== '$ZodAsyncError') return refused(source, error)
      return this.job.schema.safeParseAsync(parsed.value).then(
        (result) => this.#accept(source, result, false),
        (reason: unknown) => refused(source, reason),
      )
    }
  }

  /**
   * The rows of a record that was packed.
   * @throws {LandfallError} `usage`: schema or map do not answer the same twice
   */
  rowsAgain({ raw, position }: PreparedRecord): Rows {
    const result = this.job.schema.safeParse(this.job.from.parse === undefined ? raw : this.job.from.parse(String(raw)))
    if (result.success) return this.#mapped(result.data)
    throw new LandfallError(
      'usage',
      'backfills/not-repeatable',
      `record ${position.record} was valid, and is not when it is read again`,
      {
        next: 'let the schema depend on nothing but the record',
      },
    )
  }

  #mapped(value: unknown): Rows {
    const { tables } = this.job
    if (tables.length === 1 && tables[0]!.map === null) return [[this.written[0]!.valuesOf(value as Row, columnOf)]]
    return tables.map(({ map }, index) => {
      const written = this.written[index]!
      const mapped: Row | readonly Row[] = map!(value as never)
      return Array.isArray(mapped)
        ? (mapped as readonly Row[]).map((row) => written.valuesOf(row, same))
        : [written.valuesOf(mapped as Row, same)]
    })
  }

  #accept(source: SourceRecord, result: Validated, again: boolean): PreparedRecord | Reject {
    if (!result.success) {
      const issues = result.error.issues.map(({ path, message }) =>
        path.length > 0 ? `${path.join('.')}: ${message}` : message,
      )
      return rejectOf(source, 'schema', result.error.issues[0]?.code ?? 'invalid', issues.join('; '))
    }
    for (const packer of this.#packers) packer.mark()
    try {
      const rows = this.#mapped(result.data)
      let [size, count, packed] = [0, 0, again]
      for (let index = 0; index < rows.length; index += 1) {
        for (const values of rows[index]!) {
          const before = this.#packers[index]?.length ?? 0
          if (this.#pack(index, values)) size += this.#packers[index]!.length - before
          else {
            size += this.#tried(index, values)
            packed = false
          }
          count += 1
        }
      }
      if (count === 0) return rejectOf(source, 'schema', 'no-row', 'the map makes no row of this record')
      const counts = rows.every(({ length }) => length === 1) ? this.#single : rows.map(({ length }) => length)
      return new PreparedRecord(source, size, counts, packed ? null : rows, this)
    } catch (error) {
      for (const packer of this.#packers) packer.back()
      return refused(source, error)
    }
  }

  #pack(index: number, values: RowValues): boolean {
    const { table, key } = this.targets[index]!
    for (let place = 0; place < key.length; place += 1)
      if (values[place] === undefined || values[place] === null)
        throw new UnstorableValue(`${table}.${key[place]!.name}: the key has no value`)
    return this.#packers[index]?.add(values) === true
  }

  /** Makes sure that every value has a text; answers how long they are. */
  #tried(index: number, values: RowValues): number {
    const { columns } = this.written[index]!
    let size = 2
    for (const [place, value] of values.entries()) {
      if (value === undefined) continue
      try {
        size += 4 + (encodeValue(value, columns[place]!)?.length ?? 0)
      } catch (error) {
        throw error instanceof UnstorableValue
          ? new UnstorableValue(`${this.targets[index]!.table}.${columns[place]!.name}: ${error.message}`)
          : error
      }
    }
    return size
  }
}

const same = (name: string): string => name

const rejectOf = ({ position, raw }: SourceRecord, stage: Reject['stage'], code: string, reason: string): Reject => ({
  position,
  stage,
  code,
  reason,
  raw: rawText(raw),
})

function refused(source: SourceRecord, error: unknown): Reject {
  if (error instanceof LandfallError) throw error
  if (error instanceof UnstorableValue) return rejectOf(source, 'schema', 'unstorable', error.message)
  return rejectOf(source, 'schema', 'map-failed', messageOf(error))
}

export const isReject = (record: PreparedRecord | Reject): record is Reject => 'stage' in record

function notWritable(target: Target, name: string, column: TargetColumn | undefined): LandfallError {
  const writable = [...target.columns.values()].filter(({ generated }) => !generated).map((each) => each.name)
  const what =
    column === undefined ? `${target.table} has no column ${name}` : `${target.table}.${name} is a generated column`
  return new LandfallError('usage', 'backfills/unknown-column', what, {
    next: `correct the map; it may write ${writable.join(', ')}`,
    fields: { table: target.table, column: name },
  })
}
