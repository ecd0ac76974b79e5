import type { Rehearsal } from '../backfills/rehearse.ts'
import { readBase } from '../migrations/base.ts'
import { compareBranch, type BranchComparison } from '../migrations/branch.ts'
import { lastingOwnerOf } from '../migrations/cache/system-cache.ts'
import { readFixtureRows, withoutRows } from '../migrations/data/fixture-rows.ts'
import type { FixtureRows } from '../migrations/data/generate.ts'
import { proveSystemData } from '../migrations/data/prove-system.ts'
import { readMigrations } from '../migrations/layouts/read.ts'
import type { Migration } from '../migrations/migration.ts'
import { proveSystem } from '../migrations/prove.ts'
import { replayOnBase } from '../migrations/replay-on-base.ts'
import type { Ground } from '../migrations/replay.ts'
import { openDatabases, type Databases } from '../migrations/server/databases.ts'
import { driftFacts } from './drift/establish.ts'
import type { Established, Facts, FactsRequest } from './facts.ts'
import { establishing } from './once.ts'

/** The facts of one system: nothing is established before it is asked for. */
export function factsOf(request: FactsRequest): Facts {
  const { system, base, all = false, databaseUrl = null, sequences, server, signal, onProgress, onNote } = request
  const { root, name, migrations: settings } = system
  const { schema } = settings
  const { once, established, timings } = establishing(request)
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
  const { domain, drift, compat, mended, unmended } = driftFacts({ request, once, branch, proof })
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
