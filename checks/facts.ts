import type { Sql } from 'postgres'
import type { Rehearsal } from '../backfills/rehearse.ts'
import { lastingOwnerOf } from '../migrations/cache/system-cache.ts'
import { readBase } from '../migrations/base.ts'
import { compareBranch, type BranchComparison } from '../migrations/branch.ts'
import { readFixtureRows, withoutRows } from '../migrations/data/fixture-rows.ts'
import type { FixtureRows } from '../migrations/data/generate.ts'
import type { DataProof } from '../migrations/data/prove-data.ts'
import { proveSystemData } from '../migrations/data/prove-system.ts'
import type { LiveComparison } from '../migrations/live.ts'
import type { Migration } from '../migrations/migration.ts'
import type { MigrationSet } from '../migrations/layouts/read.ts'
import { readMigrations } from '../migrations/layouts/read.ts'
import { namingLostConnection } from '../migrations/connection-error.ts'
import { replayOnBase, type BaseFailure } from '../migrations/replay-on-base.ts'
import type { Ground } from '../migrations/replay.ts'
import { originOf, proveSystem, type SystemProof } from '../migrations/prove.ts'
import { openDatabases, type Databases } from '../migrations/server/databases.ts'
import type { FreshServer } from '../migrations/server/server.ts'
import type { DriftDifference, DriftFact } from './drift/difference.ts'
import type { Mended } from './drift/mend.ts'
import type { CompatFact } from './drift/rolling-deploy.ts'
import type { TypeModel } from './drift/type-model.ts'
import type { DomainSettings } from './settings.ts'
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

export function factsOf(request: FactsRequest): Facts {
  const {
    system,
    base,
    all = false,
    databaseUrl = null,
    mend,
    sequences,
    server,
    signal,
    onProgress,
    onNote,
    onError,
  } = request
  const { root, name, migrations: settings } = system
  const { schema } = settings
  const established: { -readonly [K in keyof Established]?: Established[K] } = {}
  const timings: { [K in keyof Established]?: number } = {}

  function once<K extends keyof Established>(
    fact: K,
    needs: readonly (() => Promise<unknown>)[],
    establish: () => Promise<Established[K]>,
  ): () => Promise<Established[K]> {
    let promise: Promise<Established[K]> | null = null
    return () => (promise ??= attempt())
    async function attempt(): Promise<Established[K]> {
      try {
        signal.throwIfAborted()
        await unlessAborted(signal, Promise.all(needs.map((need) => need())))
        const started = performance.now()
        const value = await unlessAborted(signal, establish())
        timings[fact] = performance.now() - started
        established[fact] = value
        return value
      } catch (cause) {
        const error: unknown = signal.aborted ? signal.reason : namingLostConnection(cause)
        onError(error)
        throw error
      }
    }
  }
  const progress =
    (fact: keyof Established) =>
    (done: number, total: number, label: string): void =>
      onProgress({ system: name, fact, done, total, label })

  let databases: Promise<Databases> | null = null
  const openOwn = (): Promise<Databases> =>
    (databases ??= (async () => {
      const [fresh, { migrations: all }] = await Promise.all([server(), migrations()])
      return openDatabases(fresh, { lastingOwner: await lastingOwnerOf(fresh, all) })
    })())

  const migrations = once('migrations', [], () => readMigrations(root, settings))
  const branch = once('branch', [migrations], async () => {
    if (base === null) return null
    const [merged, { migrations: head }] = [await readBase(root, settings, base), await migrations()]
    return compareBranch({ fork: merged.fork.migrations, base: merged.head.migrations, head })
  })
  /** A base that cannot be read is said where it is asked for. */
  const branchOrNull = (): Promise<BranchComparison | null> => branch().catch(() => null)
  /** What the branch adds, or all of them where that is asked for. */
  const wantsData = async (): Promise<(migration: Migration) => boolean> => {
    if (all) return () => true
    const added = (await branchOrNull())?.added
    return ({ up }) => added?.has(up.file) ?? false
  }
  const ground = async (): Promise<Ground> => ({
    databases: await openOwn(),
    schema,
    prelude: settings.prelude ?? null,
    root,
  })
  const onBase = once('onBase', [], async () => {
    const compared = await branchOrNull()
    if (compared === null || compared.incoming.length === 0 || compared.added.size === 0) return null
    return replayOnBase({ ...(await ground()), branch: compared, signal })
  })
  // After the replay on the base, whose roles would be in the way.
  const proof = once('proof', [migrations, openOwn, onBase], async () =>
    proveSystem({
      ...(await ground()),
      migrations: (await branchOrNull())?.production ?? (await migrations()).migrations,
      wantsData: await wantsData(),
      onProgress: progress('proof'),
      signal,
    }),
  )
  const readDomain = async ({ files, tsconfig }: DomainSettings): Promise<TypeModel> => {
    const { extractTypes } = await import('./drift/extract.ts')
    const reading = extractTypes({ root, files: [files].flat(), tsconfig })
    // What will compare them loads meanwhile.
    const [model] = await Promise.all([reading, import('./drift/compare.ts')])
    return model
  }
  let settling: Promise<DomainSettings> | null = null
  /** With the driver that the code opens, or the package depends on, where the settings name none. */
  const settled = (settings: DomainSettings): Promise<DomainSettings> =>
    (settling ??= (async () => {
      const { detectProfile } = await import('./drift/detect-profile.ts')
      const { profile, names, because } = await detectProfile(root, settings)
      if (because.length > 0) onNote?.(`${name}: the driver's rows as the code reads them: ${because.join(', ')}`)
      return { ...settings, profile, names }
    })())
  const domain = once('domain', [], async () => {
    if (system.domain === null) return null
    const [model] = await Promise.all([readDomain(system.domain), settled(system.domain)])
    return model
  })
  const mended: DriftDifference[] = []
  const unmended: Mended['left'][number][] = []
  const drift = once('drift', system.domain === null ? [] : [domain, proof], async () => {
    if (system.domain === null) return null
    const settings = await settled(system.domain)
    const replayed = await proof()
    const [{ compareDrift, unresolvedIn }, { refuseNonsense }, { relationsOf }] = await Promise.all([
      import('./drift/compare.ts'),
      import('./drift/plausible.ts'),
      import('../migrations/catalog/relations.ts'),
    ])
    const relations = relationsOf(replayed.catalog)
    refuseNonsense(relations)
    const compare = (model: TypeModel): Promise<DriftFact> =>
      compareDrift({ model, relations, schema, settings, originOf: (object) => originOf(replayed, object) })
    let fact = await compare((await domain())!)
    const settle = (): DriftFact => {
      const unresolved = unresolvedIn(fact)
      if (unresolved !== null) onError(unresolved)
      return fact
    }
    if (mend === undefined) return settle()
    const { mendSources } = await import('./drift/mend.ts')
    // One edit may make room for the next; those that would undo each other end with the last round.
    for (let round = 0; round < 4; round += 1) {
      const { edited, left } = await mendSources(root, fact.differences.filter(mend))
      unmended.splice(0, Infinity, ...left)
      if (edited.length === 0) break
      mended.push(...edited)
      fact = await compare(await readDomain(settings))
    }
    return settle()
  })
  const compat = once('compat', [], async (): Promise<CompatFact> => {
    if (base === null) return { skipped: 'there is no base to compare with: --base REF' }
    if (system.domain === null) return { skipped: 'the system has no domain' }
    const [merged, replayed, model] = [await branch(), await proof(), await domain()]
    if (!replayed.complete) return { skipped: 'the replay failed' }
    const { compareDeploy } = await import('./drift/rolling-deploy.ts')
    return compareDeploy({
      root,
      base,
      schema,
      settings: await settled(system.domain),
      branch: merged!,
      proof: replayed,
      model: model!,
    })
  })
  const live = once('live', databaseUrl === null ? [] : [proof], async () => {
    if (databaseUrl === null) return null
    const { compareLive, progressOf } = await import('../migrations/live.ts')
    const comparison = await compareLive({ url: databaseUrl, system: name, schema, proofs: (await proof()).proofs })
    onNote?.(`${name}: ${progressOf(comparison)}`)
    return comparison
  })
  const clone: Facts['clone'] = async () => {
    const copy = await (await proof()).database.clone()
    const sql = copy.connect({ schema, max: 4 })
    const close = async (): Promise<void> => {
      await sql.end({ timeout: 1 })
      await copy[Symbol.asyncDispose]()
    }
    return { sql, url: copy.url, close }
  }
  let tried: Promise<{ rehearsals: readonly Rehearsal[]; rows: FixtureRows }> | null = null
  /** The rehearsals, and the rows that they leave: the system's own data at its newest state. */
  const rehearsed = (globs: readonly string[]): NonNullable<typeof tried> =>
    (tried ??= (async () => {
      const [{ loadJobs }, { rehearse }] = await Promise.all([
        import('../backfills/load.ts'),
        import('../backfills/rehearse.ts'),
      ])
      const jobs = await loadJobs({ root, globs })
      const { url, sql, close } = await clone()
      try {
        const wanted = (await proof()).kept !== null // nobody asks for rows otherwise
        const tables = wanted ? jobs.flatMap(({ job }) => job.tables.map(({ table }) => table)) : []
        const seeded = await readFixtureRows(sql, schema, tables)
        const results = await rehearse({ url, root, schema, system: name, jobs, signal })
        return { rehearsals: results, rows: withoutRows(await readFixtureRows(sql, schema, tables), seeded) }
      } finally {
        await close()
      }
    })())
  const rehearsals = once('rehearsals', system.backfills === null ? [] : [proof], async () =>
    system.backfills === null ? null : (await rehearsed(system.backfills)).rehearsals,
  )
  /** A job that breaks is the backfill check's to tell; its rows are generated then. */
  const fixtureRows = async (): Promise<FixtureRows | null> => {
    const { complete, kept } = await proof()
    if (system.backfills === null || !complete || kept === null) return null
    return rehearsed(system.backfills).then(
      ({ rows }) => rows,
      () => null,
    )
  }
  const data = once('data', [proof, fixtureRows], async () =>
    proveSystemData({
      proof: await proof(),
      wants: await wantsData(),
      fixtures: await fixtureRows(),
      onProgress: progress('data'),
      signal,
    }),
  )
  const isolation = once('isolation', system.rls === null ? [] : [proof], async () => {
    if (system.rls === null) return null
    const { proveIsolation } = await import('./rls/prove-isolation.ts')
    await using copy = await (await proof()).database.clone()
    return await proveIsolation(copy, schema, system.rls)
  })
  const portability = once('portability', system.portable ? [migrations, proof] : [], async () => {
    if (!system.portable) return null
    const { provePortability } = await import('./portable/prove-portability.ts')
    const { complete, catalog } = await proof()
    return provePortability((await migrations()).migrations, complete ? { catalog, schema } : null)
  })
  const parity = once('parity', system.parity === null ? [] : [proof], async () => {
    if (system.parity === null) return null
    const { tryParityFiles } = await import('./parity/load.ts')
    const { database } = await proof()
    return tryParityFiles({
      root,
      globs: system.parity,
      schema,
      clone: () => database.clone(),
      seed: sequences?.seed ?? USUAL_SEED,
      runs: sequences?.runs ?? null,
      signal,
    })
  })
  const close = async (): Promise<void> => (await databases)?.[Symbol.asyncDispose]()
  return {
    system,
    migrations,
    branch,
    onBase,
    proof,
    data,
    domain,
    drift,
    mended,
    unmended,
    live,
    compat,
    rehearsals,
    isolation,
    portability,
    parity,
    clone,
    close,
    established,
    timings,
  }
}

/** The same sequences each time: what passed yesterday does not fail today because of them. */
const USUAL_SEED = 42

/** A statement that runs is not waited for: what it would have said does not matter any more. */
function unlessAborted<T>(signal: AbortSignal, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal.reason as Error)
    signal.addEventListener('abort', abort, { once: true })
    work.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}
