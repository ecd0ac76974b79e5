import { LandfallError } from '../migrations/error.ts'
import type { CopyConnection } from './copy-connection.ts'
import type { ConflictPolicy } from './define.ts'
import { identifier } from './identifier.ts'
import { hashOf, journaledColumns, keyColumns, keyOf, packedJournal, sameKey } from './journal.ts'
import type { PreparedRecord, WrittenColumns } from './record.ts'
import { blaming, RowFailure } from './row-failure.ts'
import { copyLines, copyStatement, createStage, fillStage, omittedPlaces, stageName } from './stage.ts'
import type { Target, TargetColumn } from './target.ts'

/** Another session got in between; the same batch can be tried again. */
export class Interference extends Error {
  override readonly name = 'Interference'
}

/** Where rows are journalled: the run, its batch, and the records that the batch covers. */
export interface BatchPlace {
  readonly runId: string
  readonly seq: number
  readonly first: number
  readonly last: number
}

/** Writes records into their tables and journals them, inside a transaction of the caller. */
export class Writer {
  readonly #connection: CopyConnection
  readonly #targets: readonly Target[]
  readonly #written: readonly WrittenColumns[]
  readonly #policy: ConflictPolicy

  constructor(
    connection: CopyConnection,
    targets: readonly Target[],
    written: readonly WrittenColumns[],
    policy: ConflictPolicy,
  ) {
    this.#connection = connection
    this.#targets = targets
    this.#written = written
    this.#policy = policy
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
   * Answers the numbers of the records of which a row is new.
   * @throws {RowFailure} when a row is at fault
   * @throws {Interference} when a concurrent writer is
   */
  async write(records: readonly PreparedRecord[], place: BatchPlace, way: 'direct' | 'staged'): Promise<Set<number>> {
    const added = new Set<number>()
    for (const [index, target] of this.#targets.entries()) {
      const rows = records.reduce((sum, record) => sum + record.rows[index]!.length, 0)
      if (rows === 0) continue
      const columns = this.#written[index]!.columns
      const parameters = [place.runId, place.seq, target.sql, place.first, place.last]
      const batch: TableBatch = { target, index, columns, records, rows, parameters }
      const numbers = way === 'direct' ? await this.#copy(batch) : await this.#merge(batch)
      for (const record of numbers) added.add(record)
    }
    await blaming(null, records, () => this.#connection.query('set constraints all immediate'))
    return added
  }

  async #copy(batch: TableBatch): Promise<number[]> {
    const { target, index, columns, records, rows, parameters } = batch
    const copied = await blaming(batch, records, () =>
      this.#connection.copy(
        copyStatement(
          target.sql,
          columns.map(({ name }) => identifier(name)),
        ),
        copyLines(index, columns, records),
      ),
    )
    if (copied !== rows) throw suppressed(target)
    const keys = target.key.map((_, place) => records.flatMap((record) => record.rows[index]!.map((row) => row[place])))
    const numbers = records.flatMap(({ position, rows: of }) => of[index]!.map(() => position.record))
    const all = journaledColumns(target, null)
    const given = target.key.map((_, place) => `$${7 + place}::text[]`)
    const names = target.key.map((_, place) => `k${place}`)
    const matches = target.key.map(({ name, type }, place) => `t.${identifier(name)} = k.k${place}::${type}`)
    const [journal] = await this.#connection.query(
      packedJournal(
        'insert',
        `select k.n, ${keyOf(target, 't')} as key, k.record, ${hashOf(target, all, 't')} as row_hash
         from unnest(${[...given, `$${7 + keys.length}::bigint[]`].join(', ')}) with ordinality k(${[...names, 'record', 'n'].join(', ')})
         join ${target.sql} t on ${matches.join(' and ')}`,
      ),
      [...parameters, all, ...keys, numbers],
    )
    if (Number(journal?.['n'] ?? 0) !== rows) throw keyChanged(target)
    return numbers
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

  async #insert(
    { target, index, columns, rows, parameters }: TableBatch,
    skip: boolean,
    fresh = '',
  ): Promise<number[]> {
    const all = journaledColumns(target, null)
    const names = columns.map(({ name }) => identifier(name)).join(', ')
    const [result] = await this.#connection.query(
      `with added as (
         insert into ${target.sql} as t (${names}) select ${names} from ${stageName(index)} s ${fresh} order by s.landfall_n
         ${skip ? `on conflict (${target.key.map(({ name }) => identifier(name)).join(', ')}) do nothing` : ''}
         returning ${keyColumns(target, 't')}, ${hashOf(target, all, 't')} as row_hash
       ), journal as (${packedJournal(
         'insert',
         `select s.landfall_n as n, ${keyOf(target, 'a')} as key, s.landfall_record as record, a.row_hash
          from (select distinct on (${keyColumns(target, 'd')}) * from ${stageName(index)} d order by ${keyColumns(target, 'd')}, landfall_n) s
          join added a on ${sameKey(target, 'a', 's')}`,
       )})
       select (select count(*) from added) as added, (select n from journal) as n, (select records from journal) as records`,
      [...parameters, all],
    )
    const added = Number(result!['added'])
    if (added !== Number(result!['n'] ?? 0)) throw keyChanged(target)
    if (!skip && added !== rows) throw suppressed(target)
    return numbersOf(result!['records'])
  }

  /**
   * Rows that are there are locked in the order of their keys first: what is journalled as before is what is
   * overwritten.
   */
  async #update(batch: TableBatch, updatable: readonly TargetColumn[]): Promise<number[]> {
    const { target, index, parameters, records, columns } = batch
    const stage = stageName(index)
    const connection = this.#connection
    await connection.query(
      `delete from ${stage} a using ${stage} b where ${sameKey(target, 'a', 'b')} and a.landfall_n < b.landfall_n`,
    )
    await connection.query(
      `select 1 from ${target.sql} t join ${stage} s on ${sameKey(target, 't', 's')} order by ${keyColumns(target, 't')} for no key update of t`,
    )
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
         'update',
         `select o.n, ${keyOf(target, 'o')} as key, o.record, c.row_hash, o.before
          from old o join changed c on ${sameKey(target, 'o', 'c')}`,
       )}`,
      [...parameters, names],
    )
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
}

interface TableBatch {
  readonly target: Target
  readonly index: number
  readonly columns: readonly TargetColumn[]
  readonly records: readonly PreparedRecord[]
  readonly rows: number
  readonly parameters: readonly unknown[]
}

const numbersOf = (array: string | null | undefined): number[] =>
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
