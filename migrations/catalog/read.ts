import type { ISql, Sql } from 'postgres'
import type { Catalog, CatalogObject, Json } from './catalog.ts'
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
    sql.unsafe<Record<string, string>[]>(SET),
    sql.unsafe<{ kinds: string[] }[]>(presenceQuery, [], prepared),
  ])
  const [rows] = await Promise.all([
    sql.unsafe<CatalogRow[]>(catalogQuery(present!.kinds), [], prepared),
    sql.unsafe(
      RESET,
      Object.keys(SETTINGS).map((name) => before![name]!),
    ),
  ])
  return stateOf(rows.map(objectOf))
}

/** Thousands of rows are joined, where the planner expects a hundred. */
const SETTINGS = { search_path: '', jit: 'off', enable_nestloop: 'off', enable_hashjoin: 'on', enable_seqscan: 'on' }
const SET = `select ${Object.entries(SETTINGS)
  .map(([name, value]) => `current_setting('${name}') as ${name}, set_config('${name}', '${value}', true)`)
  .join(', ')}`
const RESET = `select ${Object.keys(SETTINGS)
  .map((name, at) => `set_config('${name}', $${at + 1}, true)`)
  .join(', ')}`

/** A row of `sql/KIND.sql`. */
export interface CatalogRow extends Omit<CatalogObject, 'cosmetic'> {
  readonly cosmetic: CatalogObject['cosmetic'] | null
  readonly unit: number | null
}

export function objectOf({ kind, name, relation, definition: read, cosmetic, unit }: CatalogRow): ReadObject {
  const { rest, position, ...definition } = read as Record<string, Json>
  if (kind in PLAIN) Object.assign(definition, PLAIN[kind], rest)
  if ('privileges' in definition) definition['privileges'] = privilegesOf(definition['privileges'])
  return {
    object: {
      kind,
      name,
      relation,
      definition,
      cosmetic: position === undefined ? (cosmetic ?? NOTHING) : { position },
    },
    unit: unit === null ? null : `${unitClassOf(kind)} ${unit}`,
  }
}

const NOTHING = {}

/** What most of them say is not sent: writing JSON is the larger part of a read. */
const PLAIN: Readonly<Record<string, CatalogObject['definition']>> = {
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
  index: { partitioned: false, clustered: false, replicaIdentity: false, partOf: null, statistics: null },
  table: {
    options: null,
    toastOptions: null,
    partitionKey: null,
    partitionBound: null,
    inherits: null,
    rowSecurity: false,
    forceRowSecurity: false,
    ofType: null,
    tablespace: null,
  },
}
