import { readdirSync, readFileSync } from 'node:fs'
import type { ISql, Sql } from 'postgres'
import type { Catalog, CatalogObject } from './catalog.ts'

const directory = new URL('sql/', import.meta.url)

/** One file of `sql/` per kind; its name is the kind. */
export const kinds: readonly string[] = readdirSync(directory)
  .filter((file) => file.endsWith('.sql'))
  .map((file) => file.slice(0, -'.sql'.length).replaceAll('-', ' '))
  .toSorted()

const parts = kinds.map((kind) => {
  const text = readFileSync(new URL(`${kind.replaceAll(' ', '-')}.sql`, directory), 'utf8')
  return `select '${kind}' as kind, q.* from (\n${text}) q`
})

// Names are compared byte by byte, so that the order is the same under every collation of a server.
const QUERY = `
with visible as materialized (
  select oid from pg_namespace where nspname not like 'pg\\_%' and nspname <> 'information_schema'
)
select * from (
${parts.join('\nunion all\n')}
) object
order by kind collate "C", name collate "C"`

/**
 * The catalog of the connected database in one round trip. The search_path decides how PostgreSQL prints names
 * inside definitions, so it is emptied for the statement: everything is schema-qualified.
 */
export async function readCatalog(sql: Sql): Promise<Catalog> {
  const objects = await sql.begin((tx) => readWithin(tx))
  return { objects }
}

/** The same inside a transaction of the caller's. */
export async function readWithin(sql: ISql): Promise<CatalogObject[]> {
  const [before] = await sql<{ path: string }[]>`select current_setting('search_path') as path`
  await sql`select set_config('search_path', '', true)`
  const rows = await sql.unsafe<CatalogObject[]>(QUERY, [], { prepare: true, simple: false } as object)
  await sql`select set_config('search_path', ${before!.path}, true)`
  return rows.map(({ kind, name, relation, definition, cosmetic }) => ({ kind, name, relation, definition, cosmetic }))
}
