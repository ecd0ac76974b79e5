import { createHash } from 'node:crypto'
import type { Sql } from 'postgres'
import { LandfallError } from '../../migrations/error.ts'
import { connect } from '../database.ts'
import { identifier, qualified } from '../identifier.ts'
import type { Cursor, Source, SourcePart, SourcePlace, SourceRecord, TableKeys } from './source.ts'

export interface TableOptions {
  /** SQL: only rows of which it is true. */
  readonly where?: string
  /** SQL expressions over the row, by the names that they get: `{ email: 'lower(email)' }`. */
  readonly columns?: Readonly<Record<string, string>>
}

const CHUNK = 2_000
const VERSION = 'landfall_version'

/**
 * The rows of a table of the system's schema in the order of its primary key, as postgres.js reads them, for columns that
 * are computed from others: the job writes them into the same table with `onConflict: 'update'`. Rows that come in
 * behind the last key while the run goes on are not its to write. A row that changes between reading and writing is
 * read again under its lock, and one that is deleted stays deleted.
 */
export const table = (name: string, options: TableOptions = {}): Source => ({
  kind: 'table',
  label: name,
  file: null,
  live: true,
  async identity({ schema }) {
    const hash = createHash('sha256')
      .update(JSON.stringify([schema, name, options]))
      .digest('hex')
    return { kind: 'table', label: name, hash, size: null, modifiedAt: null }
  },
  async split(place, count) {
    await using sql = connect(place)
    return await partsOf(sql, await selection(sql, name, options, place), count) // before the connection goes
  },
  read: (place, after) => readTable(name, options, place, after ?? null),
  async again(place, positions) {
    await using sql = connect(place)
    const selected = await selection(sql, name, options, place)
    const wanted = positions.map(({ keys }) => keys!.after!)
    const rows = await sql.unsafe<Row[]>(
      `select ${selected.list} from ${selected.from} where (${selected.texts}) in (
         select * from unnest(${selected.key.map((_, n) => `$${n + 1}::text[]`).join(', ')}))`,
      selected.key.map((_, n) => wanted.map((texts) => texts[n]!)) as never[],
    )
    const known = new Map(positions.map((position) => [JSON.stringify(position.keys!.after), position]))
    return rows.map((row) => recordOf(row, selected, (texts) => known.get(JSON.stringify(texts))!))
  },
})

type Row = Record<string, unknown>

interface Selection {
  /** Columns of the primary key with their types. */
  readonly key: readonly { readonly name: string; readonly type: string }[]
  readonly from: string
  readonly list: string
  readonly texts: string
  readonly condition: string
}

async function selection(
  sql: Sql,
  name: string,
  { where, columns = {} }: TableOptions,
  { schema }: SourcePlace,
): Promise<Selection> {
  const key = await sql<{ name: string; type: string }[]>`
    select a.attname::text as name, format_type(a.atttypid, a.atttypmod) as type
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
      join pg_index i on i.indrelid = c.oid and i.indisprimary
      cross join unnest(i.indkey) with ordinality k(attnum, place)
      join pg_attribute a on a.attrelid = c.oid and a.attnum = k.attnum
    where n.nspname = ${schema} and c.relname = ${name} order by k.place`
  if (key.length === 0)
    throw new LandfallError(
      'usage',
      'backfills/source-table',
      `there is no table ${name} with a primary key in schema ${schema}`,
      {
        next: 'name a table that has one: rows are read in its order',
      },
    )
  const texts = key.map((column) => `t.${identifier(column.name)}::text`)
  const own = Object.entries(columns).map(([as, expression]) => `(${expression}) as ${identifier(as)}`)
  return {
    key,
    from: `${qualified(schema, name)} t`,
    list: ['t.*', ...own, `t.xmin::text as ${VERSION}`, ...texts.map((text, n) => `${text} as landfall_k${n}`)].join(
      ', ',
    ),
    texts: texts.join(', '),
    condition: where === undefined ? '' : `and (${where})`,
  }
}

async function* readTable(
  name: string,
  options: TableOptions,
  place: SourcePlace,
  after: Cursor | null,
): AsyncGenerator<SourceRecord[]> {
  await using sql = connect(place)
  const selected = await selection(sql, name, options, place)
  const columns = selected.key.map((column) => `t.${identifier(column.name)}`).join(', ')
  const given = (from: number) => selected.key.map(({ type }, n) => `$${from + n}::text::${type}`).join(', ')
  let keys = after?.keys ?? (await bounds(sql, selected))
  let record = after?.record ?? 0
  while (keys !== null) {
    const { until } = keys
    const behind = keys.after === null ? '' : `and (${columns}) > (${given(until.length + 1)})`
    const rows: Row[] = await sql.unsafe<Row[]>(
      `select ${selected.list} from ${selected.from} where (${columns}) <= (${given(1)}) ${behind} ${selected.condition}
       order by ${columns} limit ${CHUNK}`,
      [...until, ...(keys.after ?? [])],
    )
    const items = rows.map((row) =>
      recordOf(row, selected, (texts) => ({
        record: (record += 1),
        line: null,
        offset: null,
        keys: { after: texts, until },
      })),
    )
    keys = rows.length < CHUNK ? null : items.at(-1)!.end.keys!
    yield items
  }
}

/** Up to the last key that there is now: a run ends, however many rows are added meanwhile. */
async function bounds(sql: Sql, { from, texts, key }: Selection): Promise<TableKeys | null> {
  const order = key.map(({ name }) => `t.${identifier(name)} desc`).join(', ')
  const [last] = await sql.unsafe<{ key: string[] }[]>(
    `select array[${texts}] as key from ${from} order by ${order} limit 1`,
  )
  return last === undefined ? null : { after: null, until: last.key }
}

/** Rows may be added in any of the parts: the numbers of their records are far enough apart. */
const APART = 10 ** 12

/** Parts of about as many rows, by their keys. */
async function partsOf(sql: Sql, { from, key, texts, condition }: Selection, count: number): Promise<SourcePart[]> {
  const columns = key.map(({ name }) => `t.${identifier(name)}`).join(', ')
  const ends = await sql.unsafe<{ key: string[] }[]>(
    `select key from (
       select part, key, row_number() over (partition by part order by n desc) as place from (
         select array[${texts}] as key, row_number() over (order by ${columns}) as n, ntile($1::int) over (order by ${columns}) as part
         from ${from} where true ${condition}) t
     ) t where place = 1 order by part`,
    [count],
  )
  return ends.map(({ key: until }, n) => ({
    behind: { record: n * APART, line: null, offset: null, keys: { after: ends[n - 1]?.key ?? null, until } },
    last: null,
  }))
}

function recordOf(row: Row, { key }: Selection, endOf: (texts: readonly string[]) => Cursor): SourceRecord {
  const hidden = new Set([VERSION, ...key.map((_, n) => `landfall_k${n}`)])
  const value = Object.fromEntries(Object.entries(row).filter(([name]) => !hidden.has(name)))
  const end = endOf(key.map((_, n) => row[`landfall_k${n}`] as string))
  return { position: end, end, raw: value, version: row[VERSION] as string, parsed: { ok: true, value } }
}
