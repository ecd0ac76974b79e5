import type { Sql } from 'postgres'
import type { Rehearsal } from '../backfills/rehearse.ts'
import type { BranchComparison } from '../migrations/branch.ts'
import type { DataProof } from '../migrations/data/prove-data.ts'
import type { LiveComparison } from '../migrations/live.ts'
import type { MigrationSet } from '../migrations/layouts/read.ts'
import type { BaseFailure } from '../migrations/replay-on-base.ts'
import type { SystemProof } from '../migrations/prove.ts'
import type { FreshServer } from '../migrations/server/server.ts'
import type { DriftDifference, DriftFact } from './drift/difference.ts'
import type { Mended } from './drift/mend.ts'
import type { CompatFact } from './drift/rolling-deploy.ts'
import type { TypeModel } from './drift/type-model.ts'
import type { Portability } from './portable/portability.ts'
import type { ParityFact } from './parity/try-parity.ts'
import type { Isolation } from './rls/isolation.ts'
import type { System } from './system.ts'

/** What is established about a system. Each fact is computed when a check asks for it, and at most once. */
export interface Facts {
  readonly system: System
  readonly migrations: () => Promise<MigrationSet>
  /** Null without a base to compare with. */
  readonly branch: () => Promise<BranchComparison | null>
  /** What becomes of the branch's migrations on the base as it is now; null when they run, or the base gained nothing. */
  readonly onBase: () => Promise<BaseFailure | null>
  readonly proof: () => Promise<SystemProof>
  /** What rows went through: the migrations that the branch adds; all of them when that is asked for. */
  readonly data: () => Promise<readonly DataProof[]>
  /** Null when the system has no domain. */
  readonly domain: () => Promise<TypeModel | null>
  /** Null when the system has no domain. */
  readonly drift: () => Promise<DriftFact | null>
  /** What `mend` let be edited in the sources, before `drift` was established. */
  readonly mended: readonly DriftDifference[]
  /** What `mend` let be edited and no edit was exact for, and why. */
  readonly unmended: Mended['left']
  /** The live database that was named, against its migrations; null when none was. */
  readonly live: () => Promise<LiveComparison | null>
  /** Old code on the new schema, and the other way round. */
  readonly compat: () => Promise<CompatFact>
  /** One per job in their order; null when the system has no backfills. */
  readonly rehearsals: () => Promise<readonly Rehearsal[] | null>
  /** Null when the system does not say how tenants are kept apart. */
  readonly isolation: () => Promise<Isolation | null>
  /** What the migrations do on SQLite; null when the system does not ask for that. */
  readonly portability: () => Promise<Portability | null>
  /** One for each parity file; null when the system has none. */
  readonly parity: () => Promise<readonly ParityFact[] | null>
  /** A connection to a fresh clone of the replayed database. */
  readonly clone: () => Promise<{ readonly sql: Sql; readonly url: string; readonly close: () => Promise<void> }>
  /** Drops what was made on the server and closes the connections. */
  readonly close: () => Promise<void>
  /** What was established so far, for the report. */
  readonly established: Readonly<Partial<Established>>
  /** Milliseconds that each fact took by itself, without the server and the facts that it builds on. */
  readonly timings: Readonly<Partial<Record<keyof Established, number>>>
}

export interface Established {
  readonly migrations: MigrationSet
  readonly branch: BranchComparison | null
  readonly onBase: BaseFailure | null
  readonly proof: SystemProof
  readonly data: readonly DataProof[]
  readonly domain: TypeModel | null
  readonly drift: DriftFact | null
  readonly live: LiveComparison | null
  readonly compat: CompatFact
  readonly rehearsals: readonly Rehearsal[] | null
  readonly isolation: Isolation | null
  readonly portability: Portability | null
  readonly parity: readonly ParityFact[] | null
}

export interface FactsRequest {
  readonly system: System
  /** The git ref that the branch is compared with, or null. */
  readonly base: string | null
  /** Examines the data of every migration, not only of those that the branch adds. */
  readonly all?: boolean
  /** A live database to compare with the replay; it is only read. */
  readonly databaseUrl?: string | null
  /** Which differences are mended in the sources, where that is exact; none without it. */
  readonly mend?: (difference: DriftDifference) => boolean
  /** How parity is tried: a seed that repeats a run, and how many sequences; null for the usual. */
  readonly sequences?: { readonly seed: number | null; readonly runs: number | null }
  /** Starts the fresh server when the first fact needs one. */
  readonly server: () => Promise<FreshServer>
  readonly signal: AbortSignal
  /** Long work says how far it is: `proof 3/12 0003_add_priority`. */
  readonly onProgress: (progress: Progress) => void
  /** What a person wants to know, and no finding says. */
  readonly onNote?: (text: string) => void
  /** What could not be established, and why: it decides the exit code. */
  readonly onError: (error: unknown) => void
}

export interface Progress {
  readonly system: string
  readonly fact: keyof Established
  readonly done: number
  readonly total: number
  readonly label: string
}
