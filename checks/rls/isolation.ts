import type { Unfilled } from '../../migrations/data/generate.ts'
import type { Whose } from './rows.ts'

/** In which a session is: with one of the tenants set, or with none. */
export const states = {
  first: 'as the first tenant',
  second: 'as the second tenant',
  unset: 'without a tenant',
  after: 'after a transaction that had one',
  unknown: 'with a tenant that there is not',
  empty: 'with an empty tenant',
} as const
export type State = keyof typeof states

export type Verb = 'select' | 'insert' | 'update' | 'delete' | 'move' | 'refer'

/** Something that the role could do and should not. */
export interface Breach {
  readonly table: string
  readonly verb: Verb
  readonly state: State
  /** Whose row was reached, or whose a row became. */
  readonly whose: Whose
  /** The columns of a reference that leads to another tenant's row. */
  readonly columns: readonly string[]
  /** The policy without which it is not possible, as the catalog names it; null when it is none or several. */
  readonly policy: string | null
  /** What stood in the way in the end was a constraint, not a policy: its message. */
  readonly constraint: string | null
}

/** A table that holds rows of tenants, as the catalog has it. */
export interface Guard {
  readonly table: string
  readonly enabled: boolean
  readonly forced: boolean
  /** Whether the role may do anything at all to it. */
  readonly granted: boolean
  readonly mayTruncate: boolean
  /** Policies that hold for the role. */
  readonly policies: readonly Policy[]
}

export interface Policy {
  /** As the catalog names it. */
  readonly name: string
  readonly permissive: boolean
  /** `*` for all, or r, a, w, d. */
  readonly command: string
  readonly using: string | null
  readonly check: string | null
}

/** A view, a materialized view or a function, whose answer to a tenant depends on another tenant's rows. */
export interface Leak {
  readonly kind: 'view' | 'materialized view' | 'function'
  readonly name: string
  readonly state: State
}

/** What trying established about a system's tenants. */
export interface Isolation {
  readonly role: string
  /** Why policies do not hold for the role at all, or null. */
  readonly bypass: string | null
  readonly guards: readonly Guard[]
  /** Tables of which nobody knows whose their rows are, and that the role may use. */
  readonly unowned: readonly string[]
  readonly breaches: readonly Breach[]
  /** Tables of which a tenant does not see its own rows. */
  readonly hidden: readonly string[]
  /** What is still set when the transaction that set it has ended: the tenant. */
  readonly outlives: boolean
  /** Settings that anybody can set and that open tables: `app.role = service`. */
  readonly openers: readonly { readonly setting: string; readonly value: string; readonly table: string }[]
  readonly leaks: readonly Leak[]
  /** Functions that run as their owner, and that the role may call. */
  readonly definers: readonly string[]
  /** Tables that were not tried with rows of both tenants. */
  readonly unfilled: readonly Unfilled[]
  /** How many attempts there were. */
  readonly attempts: number
}
