import type { ISql, Sql } from 'postgres'
import type { Catalog, CatalogObject } from './catalog.ts'
import { privilegesOf } from './privileges.ts'
import { catalogQuery, presenceQuery, unitClassOf } from './query.ts'
import { stateOf, type CatalogState, type ReadObject } from './state.ts'
import { transaction } from '../transaction.ts'

/** What postgres.js is to prepare: compiling the statement costs more than running it. */
export const prepared = { prepare: true, simple: false } as object

/**
 * The catalog of the connected database in two queries: which kinds there are, and their objects. The search_path decides how PostgreSQL prints names
 * inside definitions, so it is emptied for the statement: everything is schema-qualified.
 */
export async function readCatalog(sql: Sql): Promise<Catalog> {
  const { objects } = await transaction(sql, (tx) => readState(tx))
  return { objects }
}

/** Names of the roles that the connected role made. */
export async function readRoles(sql: Sql): Promise<string[]> {
  const rows = await sql.unsafe<CatalogRow[]>(catalogQuery(['role']))
  return rows.map(({ name }) => name)
}

/** The catalog, inside a transaction of the caller's. */
export const readWithin = async (sql: ISql): Promise<readonly CatalogObject[]> => (await readState(sql)).objects

/** The same with what is needed to read parts of it again; inside a transaction too. */
export async function readState(sql: ISql): Promise<CatalogState> {
  // The old settings are asked for before the new ones are set.
  const [[before], [present]] = await Promise.all([
    sql<{ path: string; jit: string }[]>`
      select current_setting('search_path') as path, current_setting('jit') as jit,
        set_config('search_path', '', true), set_config('jit', 'off', true)`,
    sql.unsafe<{ kinds: string[] }[]>(presenceQuery, [], prepared),
  ])
  const [rows] = await Promise.all([
    sql.unsafe<CatalogRow[]>(catalogQuery(present!.kinds), [], prepared),
    sql`select set_config('search_path', ${before!.path}, true), set_config('jit', ${before!.jit}, true)`,
  ])
  return stateOf(rows.map(objectOf))
}

/** A row of `sql/KIND.sql`. */
export interface CatalogRow extends Omit<CatalogObject, 'cosmetic'> {
  readonly cosmetic: CatalogObject['cosmetic'] | null
  readonly unit: number | null
}

export function objectOf({ kind, name, relation, definition, cosmetic, unit }: CatalogRow): ReadObject {
  return {
    object: { kind, name, relation, definition: readable(kind, definition), cosmetic: cosmetic ?? NOTHING },
    unit: unit === null ? null : `${unitClassOf(kind)} ${unit}`,
  }
}

const NOTHING = {}

function readable(kind: string, definition: Definition): Definition {
  const { rest, ...own } = definition
  if (kind in PLAIN) return { ...own, ...PLAIN[kind], ...withSentences(rest ?? NOTHING) }
  return withSentences(definition)
}

type Definition = CatalogObject['definition']

const withSentences = (definition: Definition): Definition =>
  'privileges' in definition ? { ...definition, privileges: privilegesOf(definition['privileges']) } : definition

/** What most columns and constraints say is not sent: writing JSON is the larger part of a read. */
const PLAIN: Readonly<Record<string, Definition>> = {
  column: {
    collation: null,
    compression: '',
    statistics: null,
    options: null,
    foreignOptions: null,
    local: true,
    inherited: false,
    privileges: [],
  },
  constraint: {
    validated: true,
    deferrable: false,
    deferred: false,
    local: true,
    noInherit: false,
    clustered: false,
    replicaIdentity: false,
  },
}
