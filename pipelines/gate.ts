import { glob } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { DriftDifference } from '../checks/drift/difference.ts'
import type { Mended } from '../checks/drift/mend.ts'
import { factsOf } from '../checks/establish.ts'
import type { Facts, Progress } from '../checks/facts.ts'
import { runChecks, type CheckFile, type CheckResult } from '../checks/run.ts'
import type { System } from '../checks/system.ts'
import { namingLostConnection } from '../migrations/connection-error.ts'
import { LandfallError, messageOf } from '../migrations/error.ts'
import { startServer } from '../migrations/server/provider.ts'
import type { FreshServer, ProviderName } from '../migrations/server/server.ts'
import { exitCodeOf, worstOf } from './exit-code.ts'
import type { Config, NamedSystem } from './load-config.ts'
import { checkName, liveCheck, ownChecks, prefetch, withTimes } from './own-checks.ts'
import { openBaseline } from './accepted-drift.ts'
import { buildReport } from './report/build.ts'
import { serversFor, type Servers } from './servers.ts'
import type { Report } from './report/report.ts'

export interface GateRequest {
  readonly command: string
  readonly config: Config
  readonly systems: readonly NamedSystem[]
  /** Names of checks; every one when empty. */
  readonly checks: readonly string[]
  /** A git ref to compare with, or null. */
  readonly base: string | null
  /** Not only what the branch adds. */
  readonly all?: boolean
  /** How parity is tried: a seed that repeats a run, and how many sequences; null for the usual. */
  readonly sequences?: { readonly seed: number | null; readonly runs: number | null }
  /** A live database to compare with the replay, or null. */
  readonly databaseUrl?: string | null
  /** Drift that is mended in the sources before it is judged: of every rule that is not off. */
  readonly fix?: boolean
  /** Accepts the drift that there is: writes the baseline. */
  readonly updateBaseline?: boolean
  /** Overrides the provider of the config. */
  readonly provider: ProviderName | 'auto' | null
  /** `LANDFALL_SERVER_URL`, or null. */
  readonly serverUrl: string | null
  /** `DOCKER_HOST`, or null. */
  readonly dockerHost: string | null
  /** The directory in which what was replayed is kept, or null. */
  readonly cache: string | null
  /** In CI a `.only` is a mistake. */
  readonly ci: boolean
  readonly signal: AbortSignal
  readonly onProgress: (progress: Progress) => void
  readonly onNote: (text: string) => void
  readonly onServer: (server: FreshServer, startedInMs: number) => void
  readonly onResult: (result: CheckResult) => void
}

export interface GateOutcome {
  readonly report: Report
  /** What `fix` edited, by system. */
  readonly mended: readonly DriftDifference[]
  /** What `fix` left, and why. */
  readonly unmended: Mended['left']
  /** What could not be established, first cause first. */
  readonly errors: readonly unknown[]
}

/** Every check of the systems asked for, on one fresh server that starts when a fact needs it and is gone at the end. */
export async function runGate(request: GateRequest): Promise<GateOutcome> {
  const startedAt = new Date()
  const errors: unknown[] = []
  async function begin(): Promise<FreshServer> {
    const started = performance.now()
    const { postgres } = request.config
    const fresh = await startServer({
      ...postgres,
      provider: request.provider ?? postgres.provider,
      serverUrl: request.serverUrl,
      dockerHost: request.dockerHost,
      cache: request.cache,
    })
    request.onServer(fresh, performance.now() - started)
    if (request.cache !== null && fresh.cache === null)
      request.onNote(`nothing is kept by --cache with the provider ${fresh.provider}: embedded and server can`)
    return fresh
  }
  const facts: Facts[] = request.systems.map((settings) =>
    factsOf({
      system: toSystem(settings, request.config.root),
      base: request.base,
      all: request.all ?? false,
      server: () => servers.of(settings.name),
      databaseUrl: request.databaseUrl ?? null,
      ...(request.sequences === undefined ? {} : { sequences: request.sequences }),
      ...(request.fix ? { mend: ({ rule }) => request.config.rules[rule] !== 'off' } : {}),
      signal: request.signal,
      onProgress: request.onProgress,
      onNote: request.onNote,
      onError: (error) => void (errors.includes(error) || errors.push(error)),
    }),
  )
  const servers = serversFor(
    facts.map(({ system, migrations }) => ({ name: system.name, migrations })),
    begin,
  )
  // A statement that runs is not waited for: its server goes away under it.
  const stop = (): void => void disposeAll(servers)
  request.signal.addEventListener('abort', stop)
  try {
    const { root, rules } = request.config
    const accepted = await openBaseline(request)
    const own = request.databaseUrl == null ? ownChecks : [...ownChecks, liveCheck]
    const files = await checkFiles(facts, own, request.checks, root)
    prefetch(files)
    const ran = await runChecks({
      root,
      files,
      rules,
      ...(accepted === null ? {} : { judge: accepted.judge }),
      allowOnly: !request.ci,
      timeoutMs: 30 * 60_000,
      signal: request.signal,
      onResult: request.onResult,
    })
    const fixed = (await accepted?.settle(facts, ran.findings)) ?? []
    const outcome = { findings: [...ran.findings, ...fixed], checks: withTimes(ran.checks, facts) }
    if (errors.length === 0 && ran.lost !== null) errors.push(namingLostConnection(ran.lost))
    if (request.signal.aborted && !errors.includes(request.signal.reason)) errors.push(request.signal.reason)
    if (outcome.checks.every(({ state }) => state === 'skip')) errors.push(nothingChecked())
    const failed = outcome.checks.some(({ state }) => state === 'fail')
    const exitCode = worstOf([...errors.map(exitCodeOf), failed ? 1 : 0])
    const [postgres] = await servers.started()
    return {
      report: buildReport({
        command: request.command,
        startedAt,
        exitCode,
        postgres: postgres ?? null,
        facts,
        outcome,
      }),
      mended: facts.flatMap(({ mended }) => mended),
      unmended: facts.flatMap(({ unmended }) => unmended),
      errors,
    }
  } finally {
    request.signal.removeEventListener('abort', stop)
    for (const each of facts) await each.close().catch(() => {})
    if (!request.signal.aborted) await keepReplayed(servers, request.onNote)
    await disposeAll(servers)
  }
}

/** A cache that cannot be written makes the next run slow, and nothing wrong. */
async function keepReplayed(servers: Servers, note: GateRequest['onNote']): Promise<void> {
  for (const { cache } of await servers.started())
    await cache?.save().catch((error: unknown) => note(`what was replayed is not kept: ${messageOf(error)}`))
}

async function disposeAll(servers: Servers): Promise<void> {
  await Promise.all((await servers.started()).map((server) => server[Symbol.asyncDispose]()))
}

/** A green light never means "looked at nothing". */
const nothingChecked = (): LandfallError =>
  new LandfallError('usage', 'checks/nothing-checked', 'nothing was checked: every check was skipped', {
    next: 'see the reasons above; the config says what each system has to check',
  })

function toSystem(
  { name, migrations, domain, backfills, rls, portable, parity, checks }: NamedSystem,
  root: string,
): System {
  return {
    name,
    root,
    migrations,
    domain: domain ?? null,
    backfills: backfills ?? null,
    rls: rls ?? null,
    portable,
    parity: parity ?? null,
    checks,
  }
}

/** landfall's own checks for every system, and each system's own; narrowed to the names asked for. */
async function checkFiles(
  facts: readonly Facts[],
  own: readonly string[],
  names: readonly string[],
  root: string,
): Promise<CheckFile[]> {
  const files = new Map<string, Facts[]>()
  for (const name of own) files.set(fileURLToPath(new URL(`../checks/${name}.check.ts`, import.meta.url)), [...facts])
  for (const each of facts) {
    for (const pattern of each.system.checks) {
      const found = await Array.fromAsync(glob(pattern, { cwd: root }))
      if (found.length === 0) {
        throw new LandfallError(
          'usage',
          'checks/nothing',
          `no file matches the checks "${pattern}" of ${each.system.name}`,
          {
            next: 'correct checks in the config: globs are relative to the config file',
          },
        )
      }
      for (const file of found.toSorted()) {
        const path = resolve(join(root, file))
        files.set(path, [...(files.get(path) ?? []), each])
      }
    }
  }
  const known = [...files.keys()].map(checkName)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new LandfallError('usage', 'checks/unknown', `there is no check "${unknown}"`, {
      next: `the checks are: ${[...new Set(known)].join(', ')}`,
    })
  }
  return [...files]
    .filter(([path]) => names.length === 0 || names.includes(checkName(path)))
    .map(([path, systems]) => ({ path, systems }))
}
