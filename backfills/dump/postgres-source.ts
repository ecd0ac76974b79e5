import type { Sql } from 'postgres'
import { LandfallError } from '../../migrations/error.ts'
import { readHistory } from '../../migrations/history.ts'
import { looking } from '../../migrations/session.ts'
import { transaction } from '../../migrations/transaction.ts'
import { identifier } from '../identifier.ts'
import type { ExportRequest, ExportSource } from './export.ts'
import { type PostgresTable, readPostgresTables, settleText } from './postgres-tables.ts'

const BATCH = 500

/** Reads a PostgreSQL database as it is at one moment, and only reads. */
export const readSource = (
  { url, system, schema, tables: wanted, visibleRows = false }: ExportRequest,
  work: (source: ExportSource) => Promise<void>,
): Promise<void> =>
  looking(url, schema, (sql) =>
    transaction(
      sql,
      async (tx) => {
        await settleText(tx)
        const tables = await readPostgresTables(tx, schema)
        const meant = tables.filter(({ name }) => wanted === null || wanted.includes(name))
        if (!visibleRows) refuseHidden(meant)
        const byName = new Map(tables.map((table) => [table.name, table]))
        const history = await readHistory(tx, system)
        await work({
          tables,
          migration: history.at(-1)?.version ?? null,
          sequences: await readSequences(tx, meant),
          rows: (table) => rowsOf(tx, byName.get(table.name)!),
        })
      },
      { mode: 'isolation level repeatable read, read only' },
    ),
  )

function refuseHidden(tables: readonly PostgresTable[]): void {
  const hidden = tables.filter(({ rowSecurity }) => rowSecurity).map(({ name }) => name)
  if (hidden.length === 0) return
  throw new LandfallError(
    'environment',
    'data/rows-hidden',
    `row-level security may hide rows of ${hidden.join(', ')} from this role, and a dump is of all`,
    { next: 'connect as a role with BYPASSRLS; or give --visible-rows, to write what the role sees' },
  )
}

async function readSequences(sql: Sql, tables: readonly PostgresTable[]): Promise<ExportSource['sequences']> {
  const sequences: Record<string, { last: string; called: boolean }> = {}
  for (const name of tables.flatMap((table) => Object.values(table.sequences))) {
    const [state] = await sql.unsafe<{ last: string; called: boolean }[]>(
      `select last_value::text as last, is_called as called from ${name}`,
    )
    sequences[name] = state!
  }
  return sequences
}

/** JSON has words for truth, numbers and its own values; everything else is the text that PostgreSQL writes, and reads. */
async function* rowsOf(sql: Sql, table: PostgresTable): AsyncGenerator<string[]> {
  const fields = table.columns.map(({ name, json, plain }) => {
    const column = `t.${identifier(name)}`
    return `${json || plain ? column : `${column}::text`} as ${identifier(name)}`
  })
  const nulls = table.columns
    .filter(({ json }) => json)
    .map(({ name }) => `case when btrim(t.${identifier(name)}::text, e' \\t\\n\\r') = 'null' then ${literal(name)} end`)
  const order =
    table.key.length > 0 ? table.key.map((name) => `t.${identifier(name)}`).join(', ') : `r::text collate "C"`
  const query = `
    select row_to_json(r)::text as row, ${nulls.length === 0 ? 'null' : `to_json(array_remove(array[${nulls.join(', ')}], null))`} as nulls
    from ${table.partitioned ? '' : 'only '}${table.sql} t cross join lateral (select ${fields.join(', ')}) r order by ${order}`
  for await (const batch of sql.unsafe<{ row: string; nulls: string[] | null }[]>(query).cursor(BATCH))
    yield batch.map(({ row, nulls: names }) =>
      names === null || names.length === 0 ? row : `${row.slice(0, -1)},"":${JSON.stringify(names)}}`,
    )
}

const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`
