import type { MigrationsSettings } from '../migrations/settings.ts'
import type { DomainSettings, RlsSettings } from './settings.ts'

/** A system as checks see it: its settings, and the directory that their paths are relative to. */
export interface System {
  readonly name: string
  readonly root: string
  readonly migrations: MigrationsSettings
  readonly domain: DomainSettings | null
  /** Globs of the job files, or null. */
  readonly backfills: readonly string[] | null
  /** How tenants are kept apart, or null. */
  readonly rls: RlsSettings | null
  /** Whether the migrations have to run on SQLite as well. */
  readonly portable: boolean
  /** Globs of the files that give two implementations of an interface, or null. */
  readonly parity: readonly string[] | null
  /** Globs of the team's own checks. */
  readonly checks: readonly string[]
}
