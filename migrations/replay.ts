import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CatalogObject } from './catalog/catalog.ts'
import { readCatalog } from './catalog/read.ts'
import { LandfallError, messageOf } from './error.ts'
import { executeScript, type ScriptFailure } from './execute.ts'
import type { Migration } from './migration.ts'
import { connect, type Database, type Databases } from './server/databases.ts'

/** Where migrations run: the system's schema, and what is there before them. */
export interface Ground {
  readonly databases: Databases
  readonly schema: string
  /** A file of idempotent SQL, run before as superuser; relative to `root`. */
  readonly prelude: string | null
  readonly root: string
}

/** A new database as migrations find it: the prelude ran as superuser, and the schema is the owner's. */
export async function groundFor(ground: Ground): Promise<Database> {
  const database = await ground.databases.create()
  await runPrelude(ground, database)
  if (ground.schema === 'public') return database
  const sql = database.connect()
  await sql`create schema if not exists ${sql(ground.schema)}`
  await sql.end()
  return database
}

/** The text of the prelude, or null. */
export const preludeText = ({ prelude, root }: Pick<Ground, 'prelude' | 'root'>): Promise<string | null> =>
  prelude === null ? Promise.resolve(null) : readFile(join(root, prelude), 'utf8').catch(preludeFails(prelude))

async function runPrelude({ prelude, root }: Ground, database: Database): Promise<void> {
  const text = await preludeText({ prelude, root })
  if (text === null) return
  const sql = connect(database.superuserUrl)
  try {
    await sql.unsafe(text).catch(preludeFails(prelude!))
  } finally {
    await sql.end()
  }
}

const preludeFails =
  (prelude: string) =>
  (cause: unknown): never => {
    const message = `the prelude ${prelude} fails: ${messageOf(cause)}`
    throw new LandfallError('usage', 'migrations/prelude-fails', message, {
      next: 'correct the file: it runs as superuser on a fresh database, before the migrations',
      location: { file: prelude, line: null, column: null },
      cause,
    })
  }

/** Ups alone, on `database`. `onState` sees how many ran, after each. Resolves to the first failure, or to null. */
export async function replay(
  database: Database,
  schema: string,
  migrations: readonly Migration[],
  { onState, signal }: ReplayOptions = {},
): Promise<{ migration: Migration; failure: ScriptFailure } | null> {
  let sql = database.connect({ schema })
  try {
    for (const [index, migration] of migrations.entries()) {
      signal?.throwIfAborted()
      const failure = await executeScript(sql, migration.up)
      if (failure !== null) return { migration, failure }
      await onState?.(index + 1, {
        catalog: async () => (await readCatalog(sql)).objects,
        async clone() {
          await sql.end()
          const copy = await database.clone()
          sql = database.connect({ schema })
          return copy
        },
      })
    }
    return null
  } finally {
    await sql.end({ timeout: 1 })
  }
}

export interface ReplayOptions {
  readonly onState?: (count: number, state: ReplayedState) => Promise<void>
  readonly signal?: AbortSignal | undefined
}

export interface ReplayedState {
  readonly catalog: () => Promise<readonly CatalogObject[]>
  readonly clone: () => Promise<Database>
}
