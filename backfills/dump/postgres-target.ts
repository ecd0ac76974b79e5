import type { Sql } from 'postgres'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { readHistory } from '../../migrations/history.ts'
import { looking } from '../../migrations/session.ts'
import { transaction } from '../../migrations/transaction.ts'
import { identifier } from '../identifier.ts'
import type { DumpHeader } from './format.ts'
import type { DumpRow, ImportRequest, ImportTarget, TableInDump } from './import.ts'
import { thereAreRows } from './not-empty.ts'
import { type ForeignKey, type PostgresTable, readPostgresTables, settleText } from './postgres-tables.ts'

/** Writes to a PostgreSQL database, in one transaction. */
export const writeTarget = (
  { url, system, schema, file, replace = false }: ImportRequest,
  work: (target: ImportTarget) => Promise<void>,
): Promise<void> =>
  looking(url, schema, (sql) =>
    transaction(sql, async (tx) => {
      await settleText(tx)
      const tables = await readPostgresTables(tx, schema)
      const byName = new Map(tables.map((table) => [table.name, table]))
      const own = ({ table }: TableInDump): PostgresTable => byName.get(table.name)!
      const history = await readHistory(tx, system)
      const [filled, deferred]: [PostgresTable[], [PostgresTable, ForeignKey][]] = [[], []]
      await work({
        tables,
        migration: history.at(-1)?.version ?? null,
        async prepare(meant) {
          filled.push(...meant.map(own))
          await silence(tx, filled)
          if (replace) await empty(tx, filled)
          else await refuseRows(tx, filled)
        },
        async begin(table, later) {
          for (const key of own(table).foreignKeys) {
            if (key.table === null || !later.has(key.table)) continue
            deferred.push([own(table), key])
            await defer(tx, own(table), key)
          }
        },
        insert: (table, rows) => insert(tx, own(table), table, rows, file),
        async finish(sequences) {
          await tx.unsafe('set constraints all immediate').catch((cause: unknown) => {
            throw refusal(file, null, cause)
          })
          for (const [table, key] of deferred)
            if (!key.deferrable)
              await tx.unsafe(`alter table ${table.sql} alter constraint ${identifier(key.name)} not deferrable`)
          await wake(tx, filled)
          await moveSequences(tx, filled, sequences)
        },
      })
    }),
  )

/** The rows of a dump are there already; the team's triggers did their work when they were written. */
async function silence(sql: Sql, tables: readonly PostgresTable[]): Promise<void> {
  for (const table of tables)
    if (Object.keys(table.triggers).length > 0) await owned(sql, `alter table ${table.sql} disable trigger user`)
}

const ENABLE: Readonly<Record<string, string>> = { O: 'enable', R: 'enable replica', A: 'enable always' }

async function wake(sql: Sql, tables: readonly PostgresTable[]): Promise<void> {
  for (const table of tables)
    for (const [name, state] of Object.entries(table.triggers))
      await sql.unsafe(`alter table ${table.sql} ${ENABLE[state]} trigger ${identifier(name)}`)
}

async function empty(sql: Sql, tables: readonly PostgresTable[]): Promise<void> {
  if (tables.length > 0) await owned(sql, `truncate ${tables.map((table) => table.sql).join(', ')}`)
}

async function refuseRows(sql: Sql, tables: readonly PostgresTable[]): Promise<void> {
  const taken: string[] = []
  for (const table of tables) {
    const [row] = await sql.unsafe<{ there: boolean }[]>(`select exists (select from ${table.sql}) as there`)
    if (row!.there) taken.push(table.name)
  }
  if (taken.length > 0) throw thereAreRows(taken)
}

/** Where a reference is looked at only at the end, a circle of references is none. The constraint is as it was, then. */
async function defer(sql: Sql, table: PostgresTable, { name, deferrable }: ForeignKey): Promise<void> {
  if (!deferrable) await owned(sql, `alter table ${table.sql} alter constraint ${identifier(name)} deferrable`)
  await sql.unsafe(`set constraints ${identifier(name)} deferred`)
}

async function owned(sql: Sql, statement: string): Promise<void> {
  try {
    await sql.unsafe(statement)
  } catch (cause) {
    throw new LandfallError('environment', 'data/not-owner', `${statement}: ${messageOf(cause)}`, {
      next: 'connect as the owner of the tables, and leave out no table that refers to another of the dump',
      cause,
    })
  }
}

/** A batch at once; when it is refused, row by row, to name the one. */
async function insert(
  sql: Sql,
  table: PostgresTable,
  { columns }: TableInDump,
  rows: readonly DumpRow[],
  file: string,
): Promise<void> {
  const names = columns.map(({ name }) => identifier(name))
  const typed = columns.map(({ name, type }) => `${identifier(name)} ${type}`).join(', ')
  const json = columns.some((column) => column.json)
  const fields = columns.map((column) => {
    const field = `r.${identifier(column.name)}`
    const isNull = `(e.row -> '')::jsonb ? '${column.name.replaceAll("'", "''")}'`
    return column.json ? `case when ${isNull} then 'null'::json::${column.type} else ${field} end` : field
  })
  const from = json
    ? `json_array_elements($1::text::json) e(row) cross join lateral json_to_record(e.row) as r(${typed})`
    : `json_to_recordset($1::text::json) as r(${typed})`
  const statement =
    columns.length === 0
      ? `insert into ${table.sql} select from json_array_elements($1::text::json)`
      : `insert into ${table.sql} (${names.join(', ')}) overriding system value select ${fields.join(', ')} from ${from}`
  const write = async (some: readonly DumpRow[]): Promise<unknown> => {
    await sql.unsafe('savepoint batch')
    try {
      await sql.unsafe(statement, [`[${some.map(({ text }) => text).join(',')}]`], { prepare: true })
      await sql.unsafe('release savepoint batch')
      return null
    } catch (error) {
      await sql.unsafe('rollback to savepoint batch')
      return error
    }
  }
  const refused = await write(rows)
  if (refused === null) return
  for (const row of rows) {
    const alone = await write([row])
    if (alone !== null) throw refusal(file, row.line, alone)
  }
  throw refusal(file, rows[0]!.line, refused)
}

/** What PostgreSQL says, at the line of the row. */
function refusal(file: string, line: number | null, cause: unknown): LandfallError {
  const { detail, code } = cause as { detail?: string; code?: string }
  return new LandfallError(
    'findings',
    'data/refused',
    `PostgreSQL refuses ${line === null ? 'a row of the dump' : 'this row'}: ${messageOf(cause)}${detail ? ` (${detail})` : ''}`,
    {
      location: { file, line, column: null },
      next: 'correct the row; nothing was imported',
      fields: { sqlstate: code ?? null },
      cause,
    },
  )
}

/** Behind what the dump brought and behind where they were in both databases: no value is given a second time. */
async function moveSequences(
  sql: Sql,
  tables: readonly PostgresTable[],
  dumped: DumpHeader['sequences'],
): Promise<void> {
  for (const table of tables)
    for (const [column, name] of Object.entries(table.sequences)) {
      const then = dumped[name] ?? null
      await sql.unsafe(`
        with state as (
          select case when is_called then last_value end as here, seqincrement > 0 as up, seqstart as start
          from ${name}, pg_sequence where seqrelid = '${name.replaceAll("'", "''")}'::regclass
        ), far as (
          select up, v from state, lateral (values (here), (${then?.called ? then.last : 'null'}::bigint),
            ((select case when up then max(${identifier(column)}) else min(${identifier(column)}) end from ${table.sql})::bigint)) w(v)
        )
        select setval('${name.replaceAll("'", "''")}'::regclass, case when bool_and(up) then max(v) else min(v) end)
        from far having max(v) is not null`)
    }
}
