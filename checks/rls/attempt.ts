import type { ISql } from 'postgres'
import { messageOf } from '../../migrations/error.ts'
import { savepoint } from '../../migrations/transaction.ts'
import { quoted } from './tenancy.ts'

/** What became of a statement: how many rows it saw or wrote, or why PostgreSQL did not run it. */
export type Outcome =
  | { readonly kind: 'done'; readonly count: number }
  /** 42501: a policy, or a privilege that is not there. */
  | { readonly kind: 'refused' }
  /** A constraint: by then every policy had let it pass. */
  | { readonly kind: 'constraint'; readonly message: string }
  | { readonly kind: 'error'; readonly message: string }

/** A query that can be sent before it is waited for. */
interface Sendable {
  readonly execute: () => PromiseLike<unknown>
}

export interface Attempt {
  /** Done before by the superuser, without triggers and foreign keys. */
  readonly prepare?: (sql: ISql) => readonly Sendable[]
  /** Done by the role. */
  readonly act: (sql: ISql) => PromiseLike<number>
  /** How many rows there are of the kind that should not be, for the superuser to see; else what `act` said. */
  readonly look?: (sql: ISql) => PromiseLike<number>
}

/** Tries something as a role, in a transaction of a superuser's; nothing of it stays. */
export async function attempt(tx: ISql, role: string, { prepare, act, look }: Attempt): Promise<Outcome> {
  let outcome: Outcome = { kind: 'done', count: 0 }
  const undo = new Error('everything is undone')
  try {
    await savepoint(tx, async () => {
      const before = [
        ...(prepare ? [tx`set local session_replication_role = replica`, ...prepare(tx)] : []),
        tx.unsafe(
          `set local session_replication_role = origin; set constraints all immediate; set local session authorization ${quoted(role)}`,
        ),
      ]
      // All of it is on its way at once: an attempt is one round trip and not six.
      const sent = before.map((query) => query.execute())
      const [count] = await Promise.all([act(tx), ...sent])
      outcome = { kind: 'done', count }
      if (look && count > 0) {
        await tx`set local session authorization default`
        outcome = { kind: 'done', count: await look(tx) }
      }
      throw undo
    })
  } catch (error) {
    if (error !== undo) outcome = refusalOf(error)
  }
  return outcome
}

function refusalOf(error: unknown): Outcome {
  if (!(error instanceof Error) || error.name !== 'PostgresError') throw error
  const { code = '' } = error as { code?: string }
  if (code === '42501') return { kind: 'refused' }
  return { kind: code.startsWith('23') ? 'constraint' : 'error', message: messageOf(error) }
}
