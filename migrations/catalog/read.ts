import type { ISql, Sql } from 'postgres'
import { objectKey, type Catalog, type CatalogObject } from './catalog.ts'
import { privilegesOf } from './privileges.ts'
import { catalogQuery, presenceQuery } from './query.ts'

const prepared = { prepare: true, simple: false } as object

/**
 * The catalog of the connected database in two queries: which kinds there are, and their objects. The search_path decides how PostgreSQL prints names
 * inside definitions, so it is emptied for the statement: everything is schema-qualified.
 */
export async function readCatalog(sql: Sql): Promise<Catalog> {
  const objects = await sql.begin((tx) => readWithin(tx))
  return { objects }
}

/** The same inside a transaction of the caller's. */
export async function readWithin(sql: ISql): Promise<CatalogObject[]> {
  // Compiling the statement would cost more than running it.
  const [before] = await sql<{ path: string; jit: string }[]>`
    select current_setting('search_path') as path, current_setting('jit') as jit`
  await sql`select set_config('search_path', '', true), set_config('jit', 'off', true)`
  const [present] = await sql.unsafe<{ kinds: string[] }[]>(presenceQuery, [], prepared)
  const rows = await sql.unsafe<CatalogObject[]>(catalogQuery(present!.kinds), [], prepared)
  await sql`select set_config('search_path', ${before!.path}, true), set_config('jit', ${before!.jit}, true)`
  return sorted(rows.map(readable))
}

function readable({ kind, name, relation, definition, cosmetic }: CatalogObject): CatalogObject {
  if (kind === 'column') return { kind, name, relation, definition: columnOf(definition), cosmetic }
  const privileges =
    'privileges' in definition ? { ...definition, privileges: privilegesOf(definition['privileges']) } : definition
  return { kind, name, relation, definition: privileges, cosmetic }
}

/** What few columns have is sent for those alone: writing JSON is the larger part of a read. */
const columnOf = ({ rest, ...definition }: CatalogObject['definition']): CatalogObject['definition'] => {
  if (rest === null) return { ...definition, ...PLAIN }
  const { privileges, ...other } = rest as CatalogObject['definition']
  return { ...definition, ...other, privileges: privilegesOf(privileges) }
}

const PLAIN = {
  collation: null,
  compression: '',
  statistics: null,
  options: null,
  foreignOptions: null,
  local: true,
  inherited: false,
  privileges: [],
}

// Compared code unit by code unit, so that the order is the same under every collation of a server.
function sorted(objects: readonly CatalogObject[]): CatalogObject[] {
  const keyed = objects.map((object) => ({ key: objectKey(object), object }))
  keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
  return keyed.map(({ object }) => object)
}
