import type { ScriptFailure } from '../../migrations/execute.ts'
import type { Migration } from '../../migrations/migration.ts'
import type { VendorUse } from './vendor-sql.ts'

/** What the migrations of a system do on SQLite, and what they make there beside PostgreSQL. */
export interface Portability {
  /** What is PostgreSQL's alone, in every script, run or not. */
  readonly uses: readonly VendorUse[]
  /** Scripts that stop on SQLite. After an up that stops nothing is run any more. */
  readonly failures: readonly { readonly direction: 'up' | 'down'; readonly failure: ScriptFailure }[]
  /** Migrations whose down leaves something else than was there, in words. */
  readonly notInverse: readonly { readonly migration: Migration; readonly objects: readonly string[] }[]
  /** What the two databases made differently; null where one of them did not get there. */
  readonly differences: readonly ShapeDifference[] | null
}

/** Something that is not the same in both databases. */
export interface ShapeDifference {
  /** `column tasks.id`. */
  readonly item: string
  /** The key of the object in PostgreSQL's catalog, or of its table. */
  readonly objects: readonly string[]
  /** Null where it is not there at all. */
  readonly sqlite: string | null
  readonly postgres: string | null
}
