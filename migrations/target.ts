import type { Migration } from './migration.ts'

/** What bounds a runner on a database that others use. */
export interface Limits {
  /** How long a statement waits for a lock before it gives way to those who queue behind it, in milliseconds; 0: for ever. */
  readonly lockTimeoutMs: number
  /** How long a statement runs, in milliseconds; 0: for ever. `… CONCURRENTLY`, which is in nobody's way, has neither limit. */
  readonly statementTimeoutMs: number
  /** How often a migration that met a lock timeout, a deadlock or a serialization failure is tried again. */
  readonly retries: number
}

export const defaultLimits: Limits = { lockTimeoutMs: 5000, statementTimeoutMs: 15 * 60_000, retries: 5 }

/** A database to migrate for real. */
export interface Target {
  readonly url: string
  readonly system: string
  readonly schema: string
  readonly migrations: readonly Migration[]
  /** How long to wait for another runner, in milliseconds. */
  readonly lockWaitMs: number
  /** What is left out is as in `defaultLimits`. */
  readonly limits?: Partial<Limits>
  /** Cancels the statement that runs; what is committed stays. The abort's reason is thrown. */
  readonly signal?: AbortSignal
  readonly onEvent?: (event: RunnerEvent) => void
  /** What a person wants to know and a script does not: a retry, an index cleaned up. */
  readonly onNotice?: (text: string) => void
}

/** A migration that is through, and committed. */
export interface RunnerEvent {
  readonly direction: 'up' | 'down'
  readonly version: string
  readonly name: string
  readonly durationMs: number
}
