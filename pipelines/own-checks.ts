import { basename } from 'node:path'
import type { Facts } from '../checks/facts.ts'
import type { CheckFile, CheckResult } from '../checks/run.ts'

/** landfall's own checks, in the order in which they run. */
export const ownChecks = [
  'files',
  'replay',
  'reversible',
  'drift',
  'compat',
  'backfill',
  'rls',
  'portable',
  'parity',
] as const

/** Asked only where a live database is named. */
export const liveCheck = 'live'

/** The name of a check is that of its file. */
export const checkName = (path: string): string => basename(path).replace(/\.check\.[cm]?[jt]sx?$/, '')

interface OwnCheck {
  /** Begun at once, so that TypeScript is read while the server starts, and systems are proven side by side. */
  readonly wants: (facts: Facts, asked: ReadonlySet<string>) => Promise<unknown>
  /** How long its part of the facts took. */
  readonly took: (facts: Facts) => number
}

const upMs = ({ established }: Facts): number =>
  (established.proof?.proofs ?? []).reduce((sum, proof) => sum + (proof.upMs ?? 0), 0)

const own: Readonly<Record<(typeof ownChecks)[number] | typeof liveCheck, OwnCheck>> = {
  files: { wants: (facts) => facts.branch(), took: ({ timings }) => (timings.migrations ?? 0) + (timings.branch ?? 0) },
  replay: { wants: (facts) => facts.proof(), took: upMs },
  reversible: {
    wants: (facts) => facts.data(),
    took: (facts) => Math.max(0, (facts.timings.proof ?? 0) - upMs(facts)) + (facts.timings.data ?? 0),
  },
  compat: { wants: (facts) => facts.compat(), took: ({ timings }) => timings.compat ?? 0 },
  live: { wants: wantLive, took: ({ timings }) => timings.live ?? 0 },
  drift: { wants: wantDrift, took: ({ timings }) => (timings.domain ?? 0) + (timings.drift ?? 0) },
  backfill: { wants: wantRehearsals, took: ({ timings }) => timings.rehearsals ?? 0 },
  rls: { wants: wantIsolation, took: ({ timings }) => timings.isolation ?? 0 },
  portable: { wants: wantPortability, took: ({ timings }) => timings.portability ?? 0 },
  parity: { wants: wantParity, took: ({ timings }) => timings.parity ?? 0 },
}

// A replay that failed is asked for nothing more, and a system without a domain or backfills starts no server for them.
async function wantDrift(facts: Facts): Promise<void> {
  if (facts.system.domain === null) return
  const [{ complete }] = await Promise.all([facts.proof(), facts.domain()])
  if (complete) await facts.drift()
}

async function wantLive(facts: Facts): Promise<void> {
  if ((await facts.proof()).complete) await facts.live()
}

async function wantRehearsals(facts: Facts): Promise<void> {
  if (facts.system.backfills !== null && (await facts.proof()).complete) await facts.rehearsals()
}

async function wantIsolation(facts: Facts): Promise<void> {
  if (facts.system.rls !== null && (await facts.proof()).complete) await facts.isolation()
}

async function wantPortability(facts: Facts): Promise<void> {
  if (facts.system.portable) await facts.portability()
}

async function wantParity(facts: Facts, asked: ReadonlySet<string>): Promise<void> {
  if (facts.system.parity === null || !(await facts.proof()).complete) return
  // Systems side by side fill the machine; two things of one system at a time only keep its longer one from its end.
  if (asked.has('backfill') && facts.system.backfills !== null) await facts.rehearsals().catch(() => {})
  await facts.parity()
}

const ownCheck = (name: string): OwnCheck | undefined => (own as Readonly<Record<string, OwnCheck>>)[name]

/** Begins what the checks of these files will ask for. The check that asks meets the error, if there is one. */
export function prefetch(files: readonly CheckFile[]): void {
  const asked = new Set(files.map(({ path }) => checkName(path)))
  for (const { path, systems } of files) {
    for (const facts of systems)
      ownCheck(checkName(path))
        ?.wants(facts, asked)
        .catch(() => {})
  }
}

/** A check waits for a fact that was begun before it: its time is that of the fact. */
export const withTimes = (results: readonly CheckResult[], facts: readonly Facts[]): CheckResult[] =>
  results.map((result) => {
    const system = facts.find((each) => each.system.name === result.system)
    const took = system && result.state !== 'skip' ? ownCheck(result.check)?.took(system) : undefined
    return took === undefined ? result : { ...result, durationMs: took }
  })
