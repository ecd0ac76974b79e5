import { isDeepStrictEqual } from 'node:util'
import { objectKey, type Catalog, type CatalogObject } from './catalog/catalog.ts'
import { compareCatalogs, type CatalogDifference } from './catalog/compare.ts'
import { openSystemCache, type Reached, type Replay, type SystemCache } from './cache/system-cache.ts'
import { readCatalog } from './catalog/read.ts'
import { changedObjects } from './catalog/state.ts'
import { unknownObjects, type UnknownObjects } from './catalog/unknown.ts'
import type { Location } from './error.ts'
import { cloneOf, closeLinear, linearOn, stateOf, type Linear } from './linear.ts'
import { migrationLabel, type Migration } from './migration.ts'
import { locate } from './origin.ts'
import { dropRoles, proveMigration, skippedProof, type MigrationProof } from './prove-migration.ts'
import { runsCode } from './runs-code.ts'
import { groundFor, preludeText, replay, type Ground, type ReplayedState } from './replay.ts'
import { rolesOf } from './roles.ts'
import type { Database } from './server/databases.ts'

export interface ProofRequest extends Ground {
  readonly migrations: readonly Migration[]
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
  /** The state before `proofs[index]`, to be opened once; null when none was to be kept. */
  readonly kept: KeptState | null
}

export interface KeptState {
  readonly index: number
  /** Empty of rows but for those of migrations. While it is open, roles that later migrations made are not there. */
  readonly open: () => Promise<Linear & AsyncDisposable>
}

/**
 * Replays and proves the migrations of one system, in version order. Where the server keeps what was replayed, the proofs
 * of an earlier run stand for the migrations before the farthest state that is kept.
 */
export async function proveSystem(request: ProofRequest): Promise<SystemProof> {
  const { migrations, schema, databases } = request
  await using cache = await openSystemCache(request.databases, { ...request, prelude: await preludeText(request) })
  const wanted = request.wantsData ? migrations.findIndex(request.wantsData) : -1
  const start = (await cache?.farthest(wanted)) ?? { index: 0, database: await groundFor(request), proofs: [] }
  // Roles that the prelude makes are the server's, and may be gone from it.
  if (start.index > 0 && request.prelude !== null) await (await groundFor(request))[Symbol.asyncDispose]()
  // Roles are the server's: where migrations are about them, each state is made when its turn comes.
  const aboutRoles = (await rolesOf(migrations)).size > 0
  const alone = aboutRoles && Number.parseInt(databases.server.version, 10) >= 16
  const linear = renewable(start.database, start.index)
  const proofs: MigrationProof[] = []
  const defined = new Map<string, { object: CatalogObject; migration: Migration }>()
  let state: readonly CatalogObject[] = start.proofs[0]?.before ?? (await stateOf(linear)).objects
  const again = start.index < migrations.length && (await mayDiffer(migrations))
  const wants = (index: number): readonly Replay[] => cache?.wants(index, wanted) ?? []
  const rehearsal = again ? rehearse(request, cache, start, (index) => wants(index).includes('second')) : null
  await using _ = { [Symbol.asyncDispose]: async () => void (await rehearsal?.catch(() => {})) }
  // Beside the proof; before it where the same migrations are about to make the same roles.
  if (aboutRoles && (await rehearsal)) await dropRoles(linear.sql, state)
  let complete = true
  let kept: SystemProof['kept'] = null
  for (const [index, migration] of migrations.entries()) {
    request.signal?.throwIfAborted()
    request.onProgress?.(index, migrations.length, migrationLabel(migration))
    if (index === wanted && complete) kept = { index, open: alone ? () => openAlone(index) : await copyBefore(index) }
    linear.reached = index
    const proof: MigrationProof =
      start.proofs[index] ?? (complete ? await proveMigration(linear, migration) : skippedProof(migration))
    proofs.push(proof)
    complete &&= proof.upFailure === null
    if (proof.after === null) continue
    for (const object of changedObjects(state, proof.after)) defined.set(objectKey(object), { object, migration })
    state = proof.after
    if (index >= start.index) await keep(index + 1)
  }

  function renewable(database: Database, reached: number): Linear {
    const own = Object.assign(linearOn(database, schema, reached), {
      alone,
      async renew(): Promise<void> {
        await closeLinear(own)
        await own.database[Symbol.asyncDispose]()
        if (alone) await databases.dropRoles()
        Object.assign(own, linearOn(await replayed(own.reached), schema, own.reached))
      },
    })
    return own
  }
  async function copyBefore(index: number): Promise<KeptState['open']> {
    const copy =
      index >= start.index
        ? await cloneOf(linear)
        : (index > 0 && (await cache?.copy(index, 'first', state))) || (await replayed(index))
    return async () => {
      const kept = renewable(copy, index)
      return Object.assign(kept, { [Symbol.asyncDispose]: () => closeLinear(kept) })
    }
  }
  async function openAlone(index: number): Promise<Linear & AsyncDisposable> {
    const giveBack = await databases.parkRoles()
    const kept = renewable(await replayed(index), index)
    const dispose = async (): Promise<void> => {
      await closeLinear(kept)
      await kept.database[Symbol.asyncDispose]()
      await databases.dropRoles()
      await giveBack()
    }
    return Object.assign(kept, { [Symbol.asyncDispose]: dispose })
  }
  async function replayed(index: number): Promise<Database> {
    const database = await groundFor(request)
    await replay(database, schema, migrations.slice(0, index), { signal: request.signal })
    return database
  }
  /** What two replays make differently is never kept, so that the finding comes every time. */
  async function keep(index: number): Promise<void> {
    const replays = wants(index)
    if (replays.includes('second')) {
      const other = (await rehearsal)?.get(index)
      if (!other?.copy || !isDeepStrictEqual(other.catalog, state)) return
      await cache!.keep(other.copy, proofs, 'second')
    }
    if (replays.includes('first')) await cache!.keep(await cloneOf(linear), proofs, 'first')
  }

  request.onProgress?.(migrations.length, migrations.length, 'proven')
  const unknown = await unknownObjects(linear.sql)
  await holdAgainst(linear)
  await closeLinear(linear)
  const other = (await rehearsal)?.get(migrations.length)
  const nonDeterministic = complete && other ? compareCatalogs(other.catalog, state) : []
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
    database: linear.database,
    kept,
  }
}

/** What the ups alone make in a database of their own, at the end and where a copy is wanted; as far as they run. */
async function rehearse(
  request: ProofRequest,
  cache: SystemCache | null,
  start: Reached,
  wantsCopy: (index: number) => boolean,
): Promise<Rehearsed> {
  const { migrations, schema, signal } = request
  const twin = await cache?.copy(start.index, 'second', start.proofs.at(-1)?.after ?? [])
  const done = twin ? start.index : 0
  const database = twin ?? (await groundFor(request))
  const states = new Map<number, RehearsedState>()
  const onState = async (count: number, state: ReplayedState): Promise<void> => {
    const index = done + count
    const copied = index > start.index && wantsCopy(index)
    if (index < migrations.length && !copied) return
    states.set(index, { catalog: await state.catalog(), copy: copied ? await state.clone() : null })
  }
  await replay(database, schema, migrations.slice(done), { onState, signal })
  await database[Symbol.asyncDispose]()
  return states
}

type Rehearsed = ReadonlyMap<number, RehearsedState>
interface RehearsedState {
  readonly catalog: readonly CatalogObject[]
  /** For the cache. */
  readonly copy: Database | null
}

/** What was read piece by piece is all that there is, or nothing was proven. */
async function holdAgainst(linear: Linear): Promise<void> {
  const lost = compareCatalogs((await readCatalog(linear.sql)).objects, (await stateOf(linear)).objects)
  if (lost.length === 0) return
  throw new Error(`the proof lost track of ${lost.map(({ kind, name }) => `${kind} ${name}`).join(', ')}`)
}

async function mayDiffer(migrations: readonly Migration[]): Promise<boolean> {
  for (const { up } of migrations) if (await runsCode(up)) return true
  return false
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
