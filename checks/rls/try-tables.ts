import type { ISql, Sql } from 'postgres'
import { transaction } from '../../migrations/transaction.ts'
import { LandfallError } from '../../migrations/error.ts'
import type { RlsSettings } from '../settings.ts'
import { attempt, type Attempt, type Outcome } from './attempt.ts'
import type { Breach, Guard, State } from './isolation.ts'
import { setTenant, type Whose } from './rows.ts'
import { quoted } from './tenancy.ts'
import { ownReading, trialsOf, type Ground, type Trial } from './trials.ts'

/** A table to try, and its policies. */
export type GuardedGround = Ground & { readonly guard: Guard }

export interface Tried {
  readonly breaches: readonly Breach[]
  readonly hidden: readonly string[]
  readonly attempts: number
}

/**
 * A transaction in which the role has said whose rows it works on, null for nothing said; rolled back. Null when a
 * tenant that is none (`real` is false) is refused as such.
 */
export async function asTenant<T>(
  sql: Sql,
  settings: RlsSettings,
  { tenant, real }: { readonly tenant: string | null; readonly real: boolean },
  work: (tx: ISql) => Promise<T>,
): Promise<T | null> {
  let result: T | null = null
  const undo = new Error('everything is undone')
  await transaction(sql, async (tx) => {
    if (tenant !== null) await sayTenant(tx, settings, tenant)
    result = await work(tx)
    throw undo
  }).catch((error: unknown) => {
    const refused = !real && error instanceof LandfallError && error.code === 'rls/set-tenant-fails'
    if (error !== undo && !refused) throw error
  })
  return result
}

/** Leaves the transaction to the superuser again. */
export async function sayTenant(tx: ISql, settings: RlsSettings, tenant: string): Promise<void> {
  await tx.unsafe(`set local session authorization ${quoted(settings.role)}`)
  await setTenant(tx, settings, tenant)
  await tx`set local session authorization default`
}

/** Tries every table as the tenant `acting`, as nobody when that is null, in a transaction made by `asTenant`. */
export async function tryTables(
  tx: ISql,
  role: string,
  grounds: readonly GuardedGround[],
  state: State,
  acting: Whose,
): Promise<Tried> {
  const breaches: Breach[] = []
  const hidden: string[] = []
  let attempts = 0
  const outcomeOf = (each: Attempt): Promise<Outcome> => {
    attempts++
    return attempt(tx, role, each)
  }
  for (const ground of grounds) {
    const table = ground.table.qualified
    const found: Breach[] = []
    for (const trial of trialsOf(ground, acting)) {
      if (found.some(({ verb, columns }) => verb === trial.verb && columns.join() === trial.columns.join())) continue
      const outcome = await outcomeOf(trial)
      if (!isBreach(trial, outcome)) continue
      const { verb, whose, columns } = trial
      const constraint = outcome.kind === 'constraint' ? outcome.message : null
      const policy = verb === 'refer' ? null : await culprit(ground.guard, trial, outcomeOf)
      found.push({ table, verb, state, whose, columns, policy, constraint })
    }
    breaches.push(...found)
    if (acting === null) continue
    const own = ownReading(ground, acting)
    const outcome = await outcomeOf(own)
    if (outcome.kind === 'error' || (outcome.kind === 'done' && outcome.count < own.allowed)) hidden.push(table)
  }
  return { breaches, hidden, attempts }
}

/** A foreign key may well be what keeps a reference from leading to another tenant. */
const isBreach = ({ verb, allowed }: Trial, outcome: Outcome): boolean =>
  outcome.kind === 'done' ? outcome.count > allowed : outcome.kind === 'constraint' && verb !== 'refer'

/** The policy that lets it pass: without it, it is not possible. */
async function culprit(
  { table, policies }: Guard,
  trial: Trial,
  outcomeOf: (each: Attempt) => Promise<Outcome>,
): Promise<string | null> {
  for (const { name, permissive } of policies) {
    if (!permissive) continue
    const own = name.slice(table.length + 1)
    const prepare: Attempt['prepare'] = (sql) => [
      sql.unsafe(`drop policy ${own} on ${table}`),
      ...(trial.prepare?.(sql) ?? []),
    ]
    if (!isBreach(trial, await outcomeOf({ ...trial, prepare }))) return name
  }
  return null
}
