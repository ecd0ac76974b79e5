import type { ISql } from 'postgres'

/** Row-level security that holds for the owner too is out of force while the work is done; the caller is in a transaction. */
export async function unforced<T>(sql: ISql, tables: readonly string[], work: () => Promise<T>): Promise<T> {
  for (const table of tables) await sql.unsafe(`alter table ${table} no force row level security`)
  const done = await work()
  for (const table of tables) await sql.unsafe(`alter table ${table} force row level security`)
  return done
}
