import type { Sql } from 'postgres'
import { connect, type Database } from '../../migrations/server/databases.ts'
import { needSuperuser } from '../superuser.ts'

/** A database that can be made what it was when it was opened. */
export interface Emptied {
  empty(): Promise<void>
  close(): Promise<void>
}

/** Where rows of migrations are kept while sequences run. */
const KEPT = 'landfall_parity'

/**
 * Remembers what migrations have put into the tables. To empty it, rows are deleted beside triggers and foreign keys,
 * which takes a tenth of a truncate.
 */
export async function emptied(database: Database, schema: string): Promise<Emptied> {
  const sql = connect(database.superuserUrl, { schema })
  await needSuperuser(sql, 'the parity check empties tables beside their foreign keys')
  await sql`set session_replication_role = replica`
  const tables = await sql<{ name: string; columns: string }[]>`
    select c.oid::regclass::text as name,
      (select string_agg(quote_ident(attname), ', ' order by attnum) from pg_attribute a
        where a.attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '') as columns
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'r' and n.nspname !~ '^(pg_|information_schema$)'`
  const seeded: { name: string; columns: string; kept: string }[] = []
  for (const [n, { name, columns }] of tables.entries()) {
    const [row] = await sql.unsafe(`select from ${name} limit 1`)
    if (row) seeded.push({ name, columns, kept: `${KEPT}.t${n}` })
  }
  if (seeded.length > 0) await sql.unsafe(`create schema ${KEPT}`)
  for (const { name, columns, kept } of seeded)
    await sql.unsafe(`create table ${kept} as select ${columns} from ${name}`)
  const script = [
    ...tables.map(({ name }) => `delete from ${name}`),
    ...seeded.map(
      ({ name, columns, kept }) => `insert into ${name} (${columns}) overriding system value select * from ${kept}`,
    ),
    await sequencesOf(sql),
  ].join(';\n')
  return {
    empty: async () => void (await sql.unsafe(script)),
    close: () => sql.end({ timeout: 1 }),
  }
}

/** A statement that sets every sequence to where it stands now. */
async function sequencesOf(sql: Sql): Promise<string> {
  const sequences = await sql<{ call: string }[]>`
    select format('setval(%L, %s, %s)', format('%I.%I', schemaname, sequencename), coalesce(last_value, start_value),
      (last_value is not null)::text) as call
    from pg_sequences where schemaname !~ '^(pg_|information_schema$)'`
  return `select ${sequences.map(({ call }) => call).join(', ')}`
}
