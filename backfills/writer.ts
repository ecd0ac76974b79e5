import { LandfallError } from '../migrations/error.ts'
import type { PackedRows } from './binary/packed-rows.ts'
import type { CopyConnection } from './copy-connection.ts'
import type { ConflictPolicy } from './define.ts'
import { identifier } from './identifier.ts'
import { encodeValue } from './encode.ts'
import {
  atKey,
  hashOf,
  journaledColumns,
  journalParameters,
  keyAsTexts,
  keyColumns,
  keyTexts,
  packedJournal,
  sameKey,
  spanJournal,
  type BatchPlace,
} from './journal.ts'
import type { PreparedRecord, TableRows } from './record.ts'
import { blaming, RowFailure } from './row-failure.ts'
import {
  addToStage,
  copyLines,
  copyStatement,
  createStage,
  fillStage,
  omittedPlaces,
  packedStatement,
  stageName,
} from './stage.ts'
import type { Target, TargetColumn } from './target.ts'

/** Another session got in between; the same batch can be tried again. */
export class Interference extends Error {
  override readonly name = 'Interference'
}

/** How to read rows again that changed since: when a job writes into the table that it reads. */
export interface Refresh {
  /** `"schema"."table"`. */
  readonly sql: string
  again(records: readonly PreparedRecord[]): Promise<readonly PreparedRecord[]>
}

/** Writes records into their tables and journals them, inside a transaction of the caller. */
export class Writer {
  readonly #connection: CopyConnection
  readonly #targets: readonly Target[]
  readonly #policy: ConflictPolicy
  /** Whoever else writes in these transactions is only the server itself. */
  readonly #alone: boolean
  /** Something may be left to be checked at the commit. */
  readonly #deferred: boolean
  /** The block of each heap where the rows of the batch before end. */
  readonly #ends = new Map<Target, number>()
  readonly #refresh: Refresh | null

  constructor(
    connection: CopyConnection,
    targets: readonly Target[],
    policy: ConflictPolicy,
    refresh: Refresh | null = null,
  ) {
    this.#refresh = refresh
    this.#connection = connection
    this.#targets = targets
    this.#policy = policy
    this.#alone = targets.every(({ triggers }) => triggers.length === 0)
    this.#deferred = !this.#alone || targets.some(({ deferred }) => deferred)
  }

  /** COPY straight into the targets is tried first where it can succeed. */
  get optimistic(): boolean {
    return this.#policy !== 'update' && this.#targets.every(({ rowSecurity }) => !rowSecurity)
  }

  /** True when a row that exists is no failure, so that a failing COPY is tried again through the stage. */
  get tolerant(): boolean {
    return this.#policy !== 'fail'
  }

  /** Before the first staged batch, outside of a transaction. */
  async prepareStages(): Promise<void> {
    for (const [index, target] of this.#targets.entries()) await createStage(this.#connection, target, index, 'default')
  }

  /**
   * Answers how many records there are of which a row is new. `tables` says which columns there are, and has the rows
   * as bytes where they were packed: of these records and no others.
   * @throws {RowFailure} when a row is at fault
   * @throws {Interference} when a concurrent writer is
   */
  async write(
    records: readonly PreparedRecord[],
    tables: readonly TableRows[],
    place: BatchPlace,
    way: 'direct' | 'staged',
  ): Promise<number> {
    const added = new Set<number>()
    for (const [index, target] of this.#targets.entries()) {
      const rows = records.reduce((sum, record) => sum + record.counts[index]!, 0)
      if (rows === 0) continue
      const batch: TableBatch = { target, index, ...tables[index]!, records, rows, place }
      if (way === 'direct') await this.#copy(batch)
      else for (const record of await this.#merge(batch)) added.add(record)
    }
    if (this.#deferred) await blaming(null, records, () => this.#connection.query('set constraints all immediate'))
    return way === 'direct' ? records.length : added.size
  }

  async #copy(batch: TableBatch): Promise<void> {
    const { target, index, columns, records, rows, packed } = batch
    const names = (of: readonly TargetColumn[]) => of.map(({ name }) => identifier(name))
    const spanning = packed !== null && this.#alone && target.plain
    const from = spanning ? (this.#ends.get(target) ?? (await this.#endOf(target))) : null
    const copied = await blaming(batch, records, () =>
      packed === null
        ? this.#connection.copy(copyStatement(target.sql, names(columns)), copyLines(index, columns, records))
        : this.#connection.copyPacked(packedStatement(target.sql, names(packed.columns)), packed.bytes),
    )
    if (copied !== rows) throw suppressed(target)
    const journalled = from !== null && (await this.#journalSpan(batch, packed!, from))
    if (!journalled && (await this.#journalByKey(batch)) !== rows) throw keyChanged(target)
  }

  /** The block behind which nothing stands yet: a heap grows by many blocks at once, of which the last may be empty. */
  async #endOf(target: Target): Promise<number> {
    const [heap] = await this.#connection.query(
      `select pg_relation_size($1::regclass) / current_setting('block_size')::int as blocks`,
      [target.sql],
    )
    return Math.max(0, Number(heap!['blocks']) - EXTENSION)
  }

  /** Answers false when the rows do not stand one behind the other, and nothing was journalled. */
  async #journalSpan(batch: TableBatch, packed: PackedRows, from: number): Promise<boolean> {
    const { target, rows, place } = batch
    const [journal] = await this.#connection.query(spanJournal(target), [
      ...journalParameters(place, target, journaledColumns(target, null)),
      `(${from},0)`,
      isEvery(batch) ? null : numbersOf(batch),
      `{${packed.keys.map((texts, n) => arrayOf(texts, target.key[n]!)).join(',')}}`,
      rows,
      packed.digest,
      packed.columns.map(({ name }) => name),
    ])
    if (journal === undefined) this.#ends.delete(target)
    else this.#ends.set(target, Number.parseInt(journal['last_row']!.slice(1)))
    return journal !== undefined
  }

  async #journalByKey(batch: TableBatch): Promise<number> {
    const { target, place } = batch
    const all = journaledColumns(target, null)
    const given = target.key.map((_, n) => `$${8 + n}::text[]`)
    const [journal] = await this.#connection.query(
      packedJournal(
        target,
        'insert',
        `select k.n, ${keyAsTexts(target, 't')}, k.record, ${hashOf(target, all, 't')} as row_hash
         from unnest(${[...given, `$${8 + given.length}::bigint[]`].join(', ')}) with ordinality k(${keyTexts(target)}, record, n)
         join ${target.sql} t on ${atKey(target, 't', 'k')}`,
      ),
      [...journalParameters(place, target, all), ...keysOf(batch), numbersOf(batch)],
    )
    return Number(journal?.['n'] ?? 0)
  }

  async #merge(batch: TableBatch): Promise<number[]> {
    const { index, columns, records, target } = batch
    await blaming(batch, records, () => fillStage(this.#connection, index, columns, records, 'default'))
    const updatable = columns.slice(target.key.length)
    return blaming(batch, records, () =>
      this.#policy === 'update' && updatable.length > 0
        ? this.#update(batch, updatable)
        : this.#insert(batch, this.#policy !== 'fail'),
    )
  }

  async #insert({ target, index, columns, rows, place }: TableBatch, skip: boolean, fresh = ''): Promise<number[]> {
    const all = journaledColumns(target, null)
    const names = columns.map(({ name }) => identifier(name)).join(', ')
    const [result] = await this.#connection.query(
      `with added as (
         insert into ${target.sql} as t (${names}) overriding system value select ${names} from ${stageName(index)} s ${fresh} order by s.landfall_n
         ${skip ? `on conflict (${target.key.map(({ name }) => identifier(name)).join(', ')}) do nothing` : ''}
         returning ${keyColumns(target, 't')}, ${hashOf(target, all, 't')} as row_hash
       ), journal as (${packedJournal(
         target,
         'insert',
         `select s.landfall_n as n, ${keyAsTexts(target, 'a')}, s.landfall_record as record, a.row_hash
          from (select distinct on (${keyColumns(target, 'd')}) * from ${stageName(index)} d order by ${keyColumns(target, 'd')}, landfall_n) s
          join added a on ${sameKey(target, 'a', 's')}`,
       )})
       select (select count(*) from added) as added, (select n from journal) as n, (select records from journal) as records`,
      journalParameters(place, target, all),
    )
    const added = Number(result!['added'])
    if (added !== Number(result!['n'] ?? 0)) throw keyChanged(target)
    if (!skip && added !== rows) throw suppressed(target)
    return numbersIn(result!['records'])
  }

  /**
   * Rows that are there are locked in the order of their keys first: what is journalled as before is what is
   * overwritten.
   */
  async #update(batch: TableBatch, updatable: readonly TargetColumn[]): Promise<number[]> {
    const { target, index, place, columns } = batch
    const ownRows = this.#refresh?.sql === target.sql
    const stage = stageName(index)
    const connection = this.#connection
    await connection.query(
      `delete from ${stage} a using ${stage} b where ${sameKey(target, 'a', 'b')} and a.landfall_n < b.landfall_n`,
    )
    await connection.query(
      `select 1 from ${target.sql} t join ${stage} s on ${sameKey(target, 't', 's')} order by ${keyColumns(target, 't')} for no key update of t`,
    )
    const records = ownRows ? await this.#refreshed(batch) : batch.records
    const names = journaledColumns(target, updatable)
    const omitted = new Set(records.flatMap(({ rows }) => rows[index]!.flatMap((row) => omittedPlaces(row, columns))))
    const assignments = updatable.map(({ name }, place) => {
      const column = identifier(name)
      const n = target.key.length + place + 1
      return `${column} = ${omitted.has(n) ? `case when ${n} = any(s.landfall_omitted) then t.${column} else s.${column} end` : `s.${column}`}`
    })
    const texts = names.map((name) => `t.${identifier(name)}::text`).join(', ')
    const [updated] = await connection.query(
      `with old as (
         select s.landfall_n as n, s.landfall_record as record, ${keyColumns(target, 't')}, jsonb_build_array(${texts}) as before
         from ${target.sql} t join ${stage} s on ${sameKey(target, 't', 's')}
       ), changed as (
         update ${target.sql} t set ${assignments.join(', ')} from ${stage} s where ${sameKey(target, 't', 's')}
         returning ${keyColumns(target, 't')}, ${hashOf(target, names, 't')} as row_hash
       ) ${packedJournal(
         target,
         'update',
         `select o.n, ${keyAsTexts(target, 'o')}, o.record, c.row_hash, o.before
          from old o join changed c on ${sameKey(target, 'o', 'c')}`,
       )}`,
      journalParameters(place, target, names),
    )
    if (ownRows) return []
    const added = await this.#insert(
      batch,
      true,
      `where not exists (select 1 from ${target.sql} t where ${sameKey(target, 't', 's')})`,
    )
    const [staged] = await connection.query(`select count(*) as n from ${stage}`)
    if (added.length + Number(updated?.['n'] ?? 0) !== Number(staged!['n']))
      throw new Interference(`rows of ${target.table} came in between`)
    return added
  }

  /**
   * With the rows of the table locked: those that are gone leave the stage, and those that changed since they were read
   * are read and mapped again. Answers the records as they are now.
   */
  async #refreshed(batch: TableBatch): Promise<readonly PreparedRecord[]> {
    const { target, index, columns, records } = batch
    const connection = this.#connection
    const stage = stageName(index)
    const same = sameKey(target, 't', 's')
    await connection.query(`delete from ${stage} s where not exists (select from ${target.sql} t where ${same})`)
    const stale = await connection.query(
      `delete from ${stage} s using ${target.sql} t where ${same} and t.xmin::text <> s.landfall_version returning s.landfall_record as record`,
    )
    if (stale.length === 0) return records
    const numbers = new Set(stale.map(({ record }) => Number(record)))
    const fresh = await this.#refresh!.again(records.filter(({ position }) => numbers.has(position.record)))
    await blaming(null, fresh, () => addToStage(connection, index, columns, fresh, 'default'))
    return [...records.filter(({ position }) => !numbers.has(position.record)), ...fresh]
  }
}

interface TableBatch extends TableRows {
  readonly target: Target
  readonly index: number
  readonly records: readonly PreparedRecord[]
  readonly rows: number
  readonly place: BatchPlace
}

/** For each column of the key the texts of all rows, as they are given. */
const keysOf = ({ target, index, records, packed }: TableBatch): readonly (readonly string[])[] =>
  packed?.keys ??
  target.key.map((column, place) =>
    records.flatMap(({ rows }) => rows[index]!.map((row) => encodeValue(row[place], column)!)),
  )

/** The record of each row. */
const numbersOf = ({ index, records }: TableBatch): number[] =>
  records.flatMap(({ position, counts }) => Array.from({ length: counts[index]! }, () => position.record))

/** One row for each record that the batch covers: their numbers need not be kept. */
const isEvery = ({ index, records, place: { first, last } }: TableBatch): boolean =>
  records.length === last - first + 1 && records.every(({ counts }) => counts[index] === 1)

/** By as many blocks a heap grows at once. */
const EXTENSION = 65

const WHOLE: ReadonlySet<string> = new Set(['smallint', 'integer', 'bigint'])
const PLAIN = /^[\w-]+$/

/** The texts of a column's values as an array in PostgreSQL's text. */
const arrayOf = (texts: readonly string[], { type }: TargetColumn): string =>
  `{${(WHOLE.has(type) ? texts : texts.map(quoted)).join(',')}}`

const quoted = (text: string): string =>
  PLAIN.test(text) && text.toLowerCase() !== 'null' ? text : `"${text.replace(/["\\]/g, '\\$&')}"`

const numbersIn = (array: string | null | undefined): number[] =>
  array ? array.slice(1, -1).split(',').map(Number) : []

const suppressed = (target: Target): RowFailure =>
  new RowFailure('not-written', `a trigger of ${target.table} keeps the row out`, null)

const keyChanged = (target: Target): LandfallError =>
  new LandfallError(
    'usage',
    'backfills/key-changed',
    `a trigger of ${target.table} changes the key of the rows: they could not be found again to undo them`,
    {
      next: `disable it for the backfill, or name another unique key; triggers: ${target.triggers.join(', ')}`,
    },
  )
