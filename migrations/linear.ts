import type { Sql } from 'postgres'
import { OBSERVING, watchCatalog, type Watch } from './catalog/changes.ts'
import { readState } from './catalog/read.ts'
import type { CatalogState } from './catalog/state.ts'
import type { Migration } from './migration.ts'
import { rolesOf } from './roles.ts'
import type { Database } from './server/databases.ts'
import { transaction } from './transaction.ts'

/** A database that goes one way: every migration up, none down. */
export interface Linear {
  database: Database
  readonly schema: string
  /** Another one after each clone. */
  sql: Sql
  /** How many migrations it went through. */
  reached: number
  /** Opened when it is first asked for; another one after each clone. */
  watch: Watch | null
  /** What was committed, as far as it was read since. */
  state: CatalogState | null
  /** Its migrations are about roles: no copy has those of its own. */
  readonly alone: boolean
  /** Makes it again from nothing. */
  readonly renew: () => Promise<void>
}

export const linearOn = (database: Database, schema: string, reached: number): Omit<Linear, 'alone' | 'renew'> => ({
  database,
  schema,
  sql: database.connect({ schema }),
  reached,
  watch: null,
  state: null,
})

/** The catalog as it is committed. */
export const stateOf = async (linear: Linear): Promise<CatalogState> =>
  (linear.state ??= await transaction(linear.sql, (tx) => readState(tx)))

export const watchOf = async (linear: Linear): Promise<Watch> =>
  (linear.watch ??= await watchCatalog(linear.database.connect({ settings: OBSERVING })))

/** Ends its connections. */
export async function closeLinear(linear: Linear): Promise<void> {
  await Promise.all([linear.sql.end({ timeout: 1 }), linear.watch?.end()])
  linear.watch = null
}

/** A copy of the linear database as it stands; its connections are others afterwards. */
export async function cloneOf(linear: Linear): Promise<Database> {
  await closeLinear(linear)
  const clone = await linear.database.clone()
  linear.sql = linear.database.connect({ schema: linear.schema })
  return clone
}

/** Where a migration may do as it likes, without a trace afterwards. */
export async function trialOf(linear: Linear, migration: Migration): Promise<AsyncDisposable & { readonly sql: Sql }> {
  if (linear.alone && (await rolesOf([migration])).size > 0)
    return { sql: linear.sql, [Symbol.asyncDispose]: linear.renew }
  const clone = await cloneOf(linear)
  const sql = clone.connect({ schema: linear.schema })
  const dispose = async (): Promise<void> => {
    await sql.end({ timeout: 1 })
    await clone[Symbol.asyncDispose]()
  }
  return { sql, [Symbol.asyncDispose]: dispose }
}
