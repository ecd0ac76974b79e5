import type { Sql } from 'postgres'
import type { Catalog } from '../migrations/catalog/catalog.ts'
import type { Migration } from '../migrations/migration.ts'
import type { TypeModel } from './drift/type-model.ts'
import type { Facts } from './facts.ts'
import type { ReportedFinding } from './finding.ts'
import type { System } from './system.ts'

/** What a check can ask for. Each part is made when a check names it, and once per system. */
export interface CheckContext {
  readonly system: System
  /** A connection to a fresh clone of the replayed database, for this check alone. */
  readonly sql: Sql
  /** The catalog after all migrations. */
  readonly catalog: Catalog
  /** The TypeScript types of the domain, or null when the system has none. */
  readonly domain: TypeModel | null
  readonly migrations: readonly Migration[]
  readonly facts: Facts
  /** Says that something is wrong; at error level it fails the check. */
  readonly report: (finding: ReportedFinding) => void
  /** Ends the check as skipped, with the reason. */
  readonly skip: (reason: string) => never
}
