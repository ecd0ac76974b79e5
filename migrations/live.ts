import { isDeepStrictEqual } from 'node:util'
import postgres, { type Sql } from 'postgres'
import { objectKey, type CatalogObject } from './catalog/catalog.ts'
import { compareCatalogs, type CatalogDifference } from './catalog/compare.ts'
import { schemaOf, withoutEnvironment } from './catalog/environment.ts'
import { readWithin } from './catalog/read.ts'
import { LandfallError, messageOf } from './error.ts'
import { readHistory, type HistoryRow } from './history.ts'
import { migrationLabel, versionKey, type Migration } from './migration.ts'
import type { MigrationProof } from './prove-migration.ts'
import { unreachable } from './session.ts'
import { savepoint, transaction } from './transaction.ts'

/** A live database against the replay of what it has applied. */
export interface LiveComparison {
  /** `history`: landfall's own table says what is applied · `closest`: the state that differs least. */
  readonly basis: 'history' | 'closest'
  readonly applied: number
  readonly pending: readonly Migration[]
  /** `expected` is the replay, `actual` the live database; what environments have of their own is left out. */
  readonly differences: readonly CatalogDifference[]
  /** The whole state that the differences were found against. */
  readonly expected: readonly CatalogObject[]
}

export interface LiveRequest {
  readonly url: string
  readonly system: string
  readonly schema: string
  /** Every migration of the system, each with the states around it. */
  readonly proofs: readonly MigrationProof[]
}

/**
 * Compares a live database with what the migrations that it has applied make: in one read-only transaction, with short
 * timeouts, as any role. Pending migrations are no difference.
 * Throws `LandfallError` (environment) when it cannot be reached or does not answer in time.
 */
export async function compareLive({ url, system, schema, proofs }: LiveRequest): Promise<LiveComparison> {
  const { objects, history } = await readLive(url, system)
  const states = [proofs[0]?.before ?? [], ...proofs.map(({ after }) => after ?? [])].map(withoutEnvironment)
  const schemas = new Set([schema, ...states.at(-1)!.map(schemaOf)])
  const known = new Set(states.at(-1)!.map(objectKey))
  const live = withoutEnvironment(objects).filter((object) => {
    const own = schemaOf(object)
    return own === null || object.kind === 'schema' ? known.has(objectKey(object)) : schemas.has(own)
  })
  const applied = appliedOf(proofs, history)
  const at = applied ?? closest(states, live)
  const expected = states[at]!
  return {
    basis: applied === null ? 'closest' : 'history',
    applied: at,
    pending: proofs.slice(at).map(({ migration }) => migration),
    differences: compareCatalogs(expected, live).filter(({ cosmetic }) => !cosmetic),
    expected,
  }
}

/** `the live database has 1 of 2 migrations, by its history; pending: 0002_sent`. */
export function progressOf({ basis, applied, pending }: LiveComparison): string {
  const by = basis === 'history' ? 'its history' : 'what fits best, since it has no history of them that can be read'
  const rest = pending.length === 0 ? '' : `; pending: ${pending.map(migrationLabel).join(', ')}`
  return `the live database has ${applied} of ${applied + pending.length} migrations, by ${by}${rest}`
}

async function readLive(
  url: string,
  system: string,
): Promise<{ objects: readonly CatalogObject[]; history: HistoryRow[] }> {
  const sql = postgres(url, {
    max: 1,
    onnotice: () => {},
    connect_timeout: 10,
    connection: { application_name: 'landfall' },
  })
  try {
    await sql`select 1`.catch((cause: unknown) => {
      throw unreachable(url, cause)
    })
    const look = async (tx: Sql): Promise<{ objects: readonly CatalogObject[]; history: HistoryRow[] }> => {
      await tx`select set_config('lock_timeout', '2s', true), set_config('statement_timeout', '30s', true)`
      // A role that may not look at the history is no hindrance: the catalog is everybody's.
      const history = await savepoint(tx, () => readHistory(tx, system)).catch((error: unknown) => {
        if ((error as { code?: unknown }).code === '42501') return []
        throw error
      })
      return { objects: await readWithin(tx), history }
    }
    return await transaction(sql, look, { mode: 'isolation level repeatable read read only' })
  } catch (cause) {
    throw cause instanceof LandfallError ? cause : unreadable(url, cause)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

const unreadable = (url: string, cause: unknown): LandfallError =>
  new LandfallError('environment', 'live/unreadable', `the live database cannot be read: ${messageOf(cause)}`, {
    next: 'try again when nobody holds its catalog, or ask whether this role may connect and read pg_catalog',
    cause,
    fields: { host: URL.canParse(url) ? new URL(url).host : null },
  })

/** How many are applied, when those are the first ones; null without a history of this system. */
function appliedOf(proofs: readonly MigrationProof[], history: readonly HistoryRow[]): number | null {
  const done = new Set(history.filter(({ state }) => state === 'applied').map(({ version }) => versionKey(version)))
  const count = proofs.findIndex(({ migration }) => !done.has(versionKey(migration.version)))
  const first = count === -1 ? proofs.length : count
  const later = proofs.slice(first).some(({ migration }) => done.has(versionKey(migration.version)))
  return history.length === 0 || later ? null : first
}

/** The state with the fewest objects that differ; the newest of several. */
function closest(states: readonly (readonly CatalogObject[])[], live: readonly CatalogObject[]): number {
  const there = new Map(live.map((object) => [objectKey(object), object]))
  const distances = states.map((state) => {
    const same = state.filter((object) =>
      isDeepStrictEqual(there.get(objectKey(object))?.definition, object.definition),
    )
    return state.length + live.length - 2 * same.length
  })
  return distances.lastIndexOf(Math.min(...distances))
}
