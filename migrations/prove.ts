import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { objectKey, type Catalog, type CatalogObject } from './catalog/catalog.ts'
import { compareCatalogs, type CatalogDifference } from './catalog/compare.ts'
import { readCatalog } from './catalog/read.ts'
import { unknownObjects, type UnknownObjects } from './catalog/unknown.ts'
import { LandfallError, messageOf, type Location } from './error.ts'
import { migrationLabel, type Migration } from './migration.ts'
import { locate } from './origin.ts'
import { executeScript } from './execute.ts'
import {
  cloneOf,
  dropRoles,
  proveMigration,
  skippedProof,
  type Linear,
  type MigrationProof,
} from './prove-migration.ts'
import { runsCode } from './runs-code.ts'
import { connect, type Database, type Databases } from './server/databases.ts'

export interface ProofRequest {
  readonly databases: Databases
  readonly migrations: readonly Migration[]
  readonly schema: string
  /** A file of idempotent SQL, run before as superuser; relative to `root`. */
  readonly prelude: string | null
  readonly root: string
  /** Keeps a copy of the state before the first migration for which this holds: its data is to be proven. */
  readonly wantsData?: (migration: Migration) => boolean
  readonly onProgress?: (done: number, total: number, label: string) => void
  readonly signal?: AbortSignal
}

/** What was established by replaying a system's migrations on a fresh database, each proven on its own. */
export interface SystemProof {
  readonly proofs: readonly MigrationProof[]
  /** False when an up failed: the catalog is then that of the state before it. */
  readonly complete: boolean
  readonly catalog: Catalog
  /** Object key (`column app.tasks.title`) → the line of a migration that last defined it. */
  readonly origins: ReadonlyMap<string, Location>
  /** What two replays of the same files make differently; empty too when an up failed. */
  readonly nonDeterministic: readonly CatalogDifference[]
  /** Objects that the catalog reader does not know: nothing is proven about them. */
  readonly unknownObjects: readonly UnknownObjects[]
  /** The replayed database. Nobody is connected to it, so that it can be cloned. */
  readonly database: Database
  /** The state before `proofs[index]`, empty of rows but for those of migrations; null when none was to be kept. */
  readonly kept: { readonly database: Database; readonly index: number } | null
}

/** Replays and proves the migrations of one system, in version order. */
export async function proveSystem(request: ProofRequest): Promise<SystemProof> {
  const { migrations, schema } = request
  const database = await request.databases.create()
  await prepare(request, database)
  const linear: Linear = { database, schema, sql: database.connect({ schema }) }
  const proofs: MigrationProof[] = []
  const defined = new Map<string, { object: CatalogObject; migration: Migration }>()
  let state: readonly CatalogObject[] = (await readCatalog(linear.sql)).objects
  // First, and its roles with it: they are the server's, and the same migrations are about to make them again.
  const again = await mayDiffer(migrations)
  const rehearsed = again ? await replayOnce(request) : null
  if (again) await dropRoles(linear.sql, state)
  let complete = true
  let kept: SystemProof['kept'] = null
  for (const [index, migration] of migrations.entries()) {
    request.signal?.throwIfAborted()
    request.onProgress?.(index, migrations.length, migrationLabel(migration))
    if (kept === null && complete && request.wantsData?.(migration)) kept = { database: await cloneOf(linear), index }
    const proof: MigrationProof = complete ? await proveMigration(linear, migration, state) : skippedProof(migration)
    proofs.push(proof)
    complete &&= proof.upFailure === null
    if (proof.after === null) continue
    for (const object of changedObjects(state, proof.after)) defined.set(objectKey(object), { object, migration })
    state = proof.after
  }
  request.onProgress?.(migrations.length, migrations.length, 'proven')
  const unknown = await unknownObjects(linear.sql)
  await linear.sql.end()
  const nonDeterministic = complete && rehearsed !== null ? compareCatalogs(rehearsed, state) : []
  const origins = new Map<string, Location>()
  for (const object of state) {
    const origin = defined.get(objectKey(object))
    if (origin) origins.set(objectKey(object), await locate(origin.migration.up, object))
  }
  return {
    proofs,
    complete,
    catalog: { objects: state },
    origins,
    nonDeterministic,
    unknownObjects: unknown,
    database,
    kept,
  }
}

async function mayDiffer(migrations: readonly Migration[]): Promise<boolean> {
  for (const { up } of migrations) if (await runsCode(up)) return true
  return false
}

/** The catalog that the ups alone make in a database of their own, or null when one fails; nothing of it stays. */
async function replayOnce(request: ProofRequest): Promise<readonly CatalogObject[] | null> {
  const database = await request.databases.create()
  await prepare(request, database)
  const sql = database.connect({ schema: request.schema })
  try {
    for (const { up } of request.migrations) {
      request.signal?.throwIfAborted()
      if ((await executeScript(sql, up)) !== null) return null
    }
    return (await readCatalog(sql)).objects
  } finally {
    await sql.end({ timeout: 1 })
    await database[Symbol.asyncDispose]()
  }
}

/** The prelude as superuser, then the system's schema as the owner. */
async function prepare({ prelude, root, schema }: ProofRequest, database: Database): Promise<void> {
  if (prelude !== null) {
    const sql = connect(database.superuserUrl)
    try {
      await sql.unsafe(await readFile(join(root, prelude), 'utf8'))
    } catch (cause) {
      throw new LandfallError(
        'usage',
        'migrations/prelude-fails',
        `the prelude ${prelude} fails: ${messageOf(cause)}`,
        {
          next: 'correct the file: it runs as superuser on a fresh database, before the migrations',
          location: { file: prelude, line: null, column: null },
          cause,
        },
      )
    } finally {
      await sql.end()
    }
  }
  if (schema === 'public') return
  const sql = database.connect()
  await sql`create schema if not exists ${sql(schema)}`
  await sql.end()
}

function changedObjects(before: readonly CatalogObject[], after: readonly CatalogObject[]): CatalogObject[] {
  const known = new Map(before.map((object) => [objectKey(object), object]))
  return after.filter((object) => !isDeepStrictEqual(known.get(objectKey(object))?.definition, object.definition))
}

/** The line that last defined `schema.table`, a column or a constraint of it; null when no migration did. */
export function originOf(proof: Pick<SystemProof, 'origins'>, name: string): Location | null {
  for (const kind of [
    'column',
    'table',
    'constraint',
    'view',
    'materialized view',
    'foreign table',
    'index',
    'enum',
    'domain',
  ]) {
    const origin = proof.origins.get(`${kind} ${name}`)
    if (origin) return origin
  }
  return null
}
