import { isDeepStrictEqual } from 'node:util'
import type { CatalogObject } from '../catalog/catalog.ts'
import { readCatalog } from '../catalog/read.ts'
import type { Migration } from '../migration.ts'
import type { MigrationProof } from '../prove-migration.ts'
import { rolesOf } from '../roles.ts'
import { runsCode } from '../runs-code.ts'
import type { Database, Databases } from '../server/databases.ts'
import type { FreshServer } from '../server/server.ts'
import { serverIdentity, stateKeys, type Replayed } from './keys.ts'
import { proofOf, proofText, stateOf, stateText } from './proof-text.ts'
import { LASTING_OWNER, openTemplates, type Templates } from './templates.ts'

/** A state that migrations lead to: how many of them, a database of the run's in that state, and their proofs. */
export interface Reached {
  readonly index: number
  readonly database: Database
  readonly proofs: readonly MigrationProof[]
}

/** What is kept of a system's migrations: some of the states that they go through. */
export interface SystemCache extends AsyncDisposable {
  /**
   * The farthest state that is kept and is what its proofs say; null when there is none. The state before
   * `migrations[wanted]` is then there as well, if `wanted` is not -1 and lies before it.
   */
  readonly farthest: (wanted: number) => Promise<Reached | null>
  /** A copy of the state after `index` migrations as one replay made it, or as the other did; null when it is not kept. */
  readonly copy: (index: number, replay: Replay, catalog: readonly CatalogObject[]) => Promise<Database | null>
  /** The replays whose state after `index` migrations is to be kept, and is not. */
  readonly wants: (index: number, wanted: number) => readonly Replay[]
  /** Keeps a copy that nobody is connected to as the state that `proofs` lead to. */
  readonly keep: (copy: Database, proofs: readonly MigrationProof[], replay: Replay) => Promise<void>
}

/** Where scripts run code, two replays are compared: each goes on from a state of its own. */
export type Replay = 'first' | 'second'

// So that touching a file in the middle costs no more than what follows it, and some.
const EVERY = 100

/** What lies outside a database: no copy has it. */
const OUTSIDE: ReadonlySet<string> = new Set([
  'role',
  'role membership',
  'role setting',
  'database',
  'database setting',
])

/**
 * The role that owns the databases of a run whose states are to be kept; null where they are not. Roles are the server's
 * and no database's, so nothing is kept of migrations about roles; before 16 nothing says who made a role.
 */
export async function lastingOwnerOf(server: FreshServer, migrations: readonly Migration[]): Promise<string | null> {
  const able = server.cache !== null && Number.parseInt(server.version, 10) >= 16
  return able && (await rolesOf(migrations)).size === 0 ? LASTING_OWNER : null
}

/** Null when nothing is kept: nobody asked for it, or the server cannot. */
export async function openSystemCache(databases: Databases, replayed: Replayed): Promise<SystemCache | null> {
  const { server, owner } = databases
  if (server.cache === null || owner !== LASTING_OWNER) return null
  const templates = await openTemplates(server)
  return templates && systemCache(databases, templates, replayed)
}

async function systemCache(databases: Databases, templates: Templates, replayed: Replayed): Promise<SystemCache> {
  const { migrations } = replayed
  const keys = stateKeys(replayed, await serverIdentity(templates.sql))
  const simple = await codeFreePrefix(migrations)
  // Without code the one state is as good as the other.
  const keyOf = (index: number, replay: Replay): string =>
    replay === 'first' || index <= simple ? keys[index]! : `${keys[index]!}b`
  const replays = (index: number): Replay[] => (index <= simple ? ['first'] : ['first', 'second'])
  const kept = new Set(await templates.known(keys.flatMap((_, index) => replays(index).map((r) => keyOf(index, r)))))
  const isKept = (index: number): boolean => replays(index).every((replay) => kept.has(keyOf(index, replay)))
  const known = new Set<string>()

  const forget = async (key: string): Promise<void> => {
    kept.delete(key)
    await templates.forget(key)
  }
  const copy: SystemCache['copy'] = async (index, replay, catalog) => {
    const key = keyOf(index, replay)
    if (!kept.has(key)) return null
    const database = await databases.create(templates.nameOf(key)).catch(() => null) // another run let go of it
    if (database !== null && (await holds(database, replayed.schema, catalog))) return database
    await database?.[Symbol.asyncDispose]()
    await forget(key)
    return null
  }
  return {
    copy,
    async farthest(wanted) {
      const texts = await templates.proofs(keys)
      const proofs: MigrationProof[] = []
      let state = stateOf(texts.get(keys[0]!) ?? '')
      if (state !== null) known.add(keys[0]!)
      for (const [n, migration] of migrations.entries()) {
        const proof: MigrationProof | null = state && proofOf(texts.get(keys[n + 1]!) ?? '', migration, state)
        if (proof === null) break
        proofs.push(proof)
        state = proof.after
        known.add(keys[n + 1]!)
      }
      for (const [index, key] of keys.entries()) if (index > proofs.length && kept.has(key)) await forget(key)
      for (let index = proofs.length; index > 0; index--) {
        const before = wanted >= 0 && wanted < index
        if (!isKept(index) || (before && wanted > 0 && !isKept(wanted))) continue
        const database = await copy(index, 'first', proofs[index - 1]!.after!)
        if (database === null) continue
        const used = [index, ...(before ? [wanted] : [])].flatMap((n) => replays(n).map((replay) => keyOf(n, replay)))
        await templates.used(used, keys.slice(0, index + 1))
        return { index, database, proofs: proofs.slice(0, index) }
      }
      return null
    },
    wants: (index, wanted) =>
      index > 0 && !isKept(index) && (index === migrations.length || index === wanted || index % EVERY === 0)
        ? replays(index)
        : [],
    async keep(database, proofs, replay) {
      const index = proofs.length
      if (proofs.at(-1)!.after!.some(({ kind }) => OUTSIDE.has(kind))) return
      const path = keys.slice(0, index + 1)
      const texts = [(): string => stateText(proofs[0]!.before), ...proofs.map((proof) => () => proofText(proof))]
      const fresh = path.flatMap((key, n) => (known.has(key) ? [] : [[key, texts[n]!()] as const]))
      await templates.keep(keyOf(index, replay), database.name, path, new Map(fresh))
      for (const [key] of fresh) known.add(key)
      kept.add(keyOf(index, replay))
    },
    [Symbol.asyncDispose]: () => templates[Symbol.asyncDispose](),
  }
}

async function holds(database: Database, schema: string, catalog: readonly CatalogObject[]): Promise<boolean> {
  const sql = database.connect({ schema })
  try {
    return isDeepStrictEqual((await readCatalog(sql)).objects, catalog)
  } finally {
    await sql.end()
  }
}

/** How many migrations run no code: what they make is the same every time. */
async function codeFreePrefix(migrations: readonly Migration[]): Promise<number> {
  for (const [index, { up }] of migrations.entries()) if (await runsCode(up)) return index
  return migrations.length
}
