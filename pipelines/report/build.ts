import type { Rehearsal } from '../../backfills/rehearse.ts'
import type { Run } from '../../backfills/run-state.ts'
import type { Facts } from '../../checks/facts.ts'
import type { Finding } from '../../checks/finding.ts'
import type { CheckResult, RunOutcome } from '../../checks/run.ts'
import { messageOf } from '../../migrations/error.ts'
import type { DataProof } from '../../migrations/data/prove-data.ts'
import type { BranchComparison } from '../../migrations/branch.ts'
import { skippedProof, type MigrationProof } from '../../migrations/prove-migration.ts'
import type { FreshServer } from '../../migrations/server/server.ts'
import { toolVersion } from '../../migrations/version.ts'
import { verdictOfCode } from '../exit-code.ts'
import type { BackfillReport, MigrationReport, Report, SystemReport } from './report.ts'

export interface Ingredients {
  readonly command: string
  readonly startedAt: Date
  readonly exitCode: number
  readonly postgres: Pick<FreshServer, 'version' | 'provider' | 'reason'> | null
  readonly facts: readonly Facts[]
  readonly outcome: Pick<RunOutcome, 'checks' | 'findings'>
}

/** The report of a run: facts as they were established, findings and checks as they were judged. */
export function buildReport({ command, startedAt, exitCode, postgres, facts, outcome }: Ingredients): Report {
  return {
    schema: 1,
    tool: { name: 'landfall', version: toolVersion },
    command,
    verdict: verdictOfCode(exitCode),
    exitCode,
    startedAt: startedAt.toISOString(),
    durationMs: Date.now() - startedAt.getTime(),
    postgres: postgres && { version: postgres.version, provider: postgres.provider, reason: postgres.reason },
    systems: facts.map(systemReport),
    findings: outcome.findings.map((finding) => withIsNew(finding, facts)),
    checks: outcome.checks.map((check) => ({ ...check, errors: [...check.errors] })),
  }
}

/** What a command that works on a named database has to report. */
export interface CommandOutcome {
  readonly exitCode: number
  readonly systems?: readonly SystemReport[]
  readonly findings?: readonly Finding[]
  /** What ended it early. */
  readonly error?: unknown
}

/** What a command did that works on a named database: its whole work stands as one check. */
export function commandReport(
  command: string,
  startedAt: Date,
  { exitCode, systems = [], findings = [], error }: CommandOutcome,
): Report {
  const errors = error === undefined ? [] : [{ message: messageOf(error), location: null }]
  const check = {
    ...wholeCommand(command, startedAt),
    state: exitCode === 0 ? ('pass' as const) : ('fail' as const),
    errors,
  }
  const report = buildReport({
    command,
    startedAt,
    exitCode,
    postgres: null,
    facts: [],
    outcome: { findings, checks: [check] },
  })
  return { ...report, systems: [...systems] }
}

/** A run that ended before its work began: the error stands as a failed check, so that no report hides it. */
export const errorReport = (command: string, startedAt: Date, exitCode: number, message: string): Report =>
  commandReport(command, startedAt, { exitCode, error: message })

const wholeCommand = (command: string, startedAt: Date): Omit<CheckResult, 'state' | 'errors'> => ({
  check: command.split(' ')[0]!,
  system: '',
  file: '',
  name: `landfall ${command}`,
  durationMs: Date.now() - startedAt.getTime(),
})

function systemReport({ system, established }: Facts): SystemReport {
  const { migrations, branch, proof, data, drift, rehearsals } = established
  const coverage = drift?.coverage ?? null
  const proofs = proof?.proofs ?? migrations?.migrations.map(skippedProof) ?? []
  return {
    name: system.name,
    migrations: proofs.map((each) => migrationReport(each, branch ?? null, data ?? [])),
    drift: coverage && { types: coverage.types, tables: coverage.tables, columns: coverage.columns },
    backfills: rehearsals?.map(backfillReport) ?? [],
  }
}

const migrationReport = (
  { migration, state, upMs, downMs, reversible, difference }: MigrationProof,
  branch: BranchComparison | null,
  data: readonly DataProof[],
): MigrationReport => ({
  version: migration.version,
  name: migration.name,
  file: migration.up.file,
  downFile: migration.down?.file ?? null,
  state,
  isNew: branch && branch.added.has(migration.up.file),
  transaction: migration.up.transaction,
  upMs,
  downMs,
  reversible,
  difference,
  dataPreserved: data.find((each) => each.migration === migration)?.preserved ?? null,
  locks: [],
  rewrites: [],
})

/** With a base, a finding is new when it stands in a migration that the branch adds. */
function withIsNew(finding: Finding, facts: readonly Facts[]): Finding {
  const { migrations, branch } = facts.find(({ system }) => system.name === finding.system)?.established ?? {}
  if (finding.isNew !== null || !branch) return finding
  const added = migrations?.migrations.filter(({ up }) => branch.added.has(up.file)) ?? []
  const files = new Set(added.flatMap(({ up, down }) => [up.file, down?.file]))
  return {
    ...finding,
    isNew: [finding.location, finding.other].some((place) => place !== null && files.has(place.file)),
  }
}

export const backfillReport = ({
  name,
  read,
  written,
  existing,
  rejected,
  verified,
  rolledBack,
  durationMs,
}: Rehearsal): BackfillReport => ({
  name,
  read,
  written,
  existing,
  rejected,
  verified,
  rolledBack,
  durationMs,
})

/** Runs as a report tells them, by system. What was never tried is null. */
export function runReports(runs: readonly Run[]): SystemReport[] {
  const bySystem = Map.groupBy(runs, ({ system }) => system)
  return [...bySystem].map(([name, own]) => ({
    name,
    migrations: [],
    drift: null,
    backfills: own.map(({ name: job, state, read, written, existing, rejected, durationMs }) => ({
      name: job,
      read,
      written,
      existing,
      rejected,
      verified: state === 'verified' ? true : null,
      rolledBack: state === 'rolled-back' ? true : null,
      durationMs,
    })),
  }))
}
