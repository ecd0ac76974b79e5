import type { Operator } from '../../backfills/audit.ts'
import type { Run, StoredReject } from '../../backfills/run-state.ts'
import { rejectsOf } from '../../backfills/status.ts'
import { rejectedFinding } from '../../checks/backfill-findings.ts'
import { completeFinding } from '../../checks/complete-finding.ts'
import type { Finding, ReportedFinding } from '../../checks/finding.ts'
import { isLocal, placeJobs, type PlacedJob } from '../backfill-run.ts'
import type { CliContext } from '../context.ts'
import { loadConfig } from '../load-config.ts'
import { runReports } from '../report/build.ts'
import type { BackfillFlags, ConfirmedFlags, OperatorFlags } from './backfill-flags.ts'
import { jsonText, runsTable } from './backfill-text.ts'
import { confirm } from './confirm.ts'
import { databaseUrlOf } from './flags.ts'
import { reported, type Outcome } from './reported.ts'

type Work<F> = (context: CliContext, flags: F, ...names: string[]) => Promise<Outcome>

/** A verb of `landfall backfill`, from what it does. */
export function command<F extends BackfillFlags = BackfillFlags>(
  verb: string,
  work: Work<F>,
): (this: CliContext, flags: F, ...names: string[]) => Promise<void> {
  return function (flags, ...names) {
    return reported(this, flags, ['backfill', verb, ...names].join(' '), () => work(this, flags, ...names))
  }
}

/** The jobs of the config, on the database that was named. */
export async function placed(context: CliContext, flags: BackfillFlags): Promise<PlacedJob[]> {
  const url = databaseUrlOf(flags, context.env)
  return placeJobs(await loadConfig(context, flags.config ?? null), flags.system ?? [], url)
}

/** Who works on it and why: as said, or as the environment knows. */
export function operatorOf({ env }: CliContext, { actor, reason }: OperatorFlags): Operator {
  const { GITHUB_ACTOR, USER, LOGNAME, GITHUB_SERVER_URL, GITHUB_REPOSITORY, GITHUB_RUN_ID } = env
  const job =
    GITHUB_REPOSITORY && GITHUB_RUN_ID
      ? `${GITHUB_SERVER_URL ?? 'https://github.com'}/${GITHUB_REPOSITORY}/actions/runs/${GITHUB_RUN_ID}`
      : null
  return { actor: actor ?? ([GITHUB_ACTOR, USER, LOGNAME].find(Boolean) || null), why: reason ?? job }
}

/** Asks before something is changed on a database of another machine; `plan`: what will be done. */
export async function confirmElsewhere(
  context: CliContext,
  { yes }: ConfirmedFlags,
  { url }: PlacedJob,
  name: string,
  plan: () => Promise<string>,
): Promise<void> {
  if (!isLocal(url, context.env)) await confirm(context, yes, name, 'This database is on another machine.', plan)
}

/** Findings for the rejects of a run that nobody has settled. */
export async function openRejects(place: PlacedJob, run: Run): Promise<Finding[]> {
  return run.rejected === 0
    ? []
    : rejectFindings(place, run, await rejectsOf(place, { system: run.system, name: run.id }))
}

export const rejectFindings = (
  place: PlacedJob,
  { name }: Pick<Run, 'name'>,
  rejects: readonly Omit<StoredReject, 'id' | 'run'>[],
) =>
  judged(
    place,
    rejects.map((reject) => rejectedFinding(name, reject, sourceFile(place))),
  )

/** What lines of records count in: the source's file, or the job's for a store. */
export const sourceFile = ({ job, file }: PlacedJob): string => job.from.file ?? file

export const judged = ({ system }: PlacedJob, findings: readonly ReportedFinding[]): Finding[] =>
  findings
    .map((finding) => completeFinding(finding, { system, check: 'backfill', rules: {} }))
    .filter((finding) => finding !== null)

/** Runs as a table, or as the document of `--json`. */
export function shown(
  flags: BackfillFlags,
  jobs: readonly PlacedJob[],
  runs: readonly Run[],
  findings: readonly Finding[] = [],
): Omit<Outcome, 'exitCode'> {
  const newestFirst = runs.toSorted((a, b) => b.startedAt.localeCompare(a.startedAt))
  const text = flags.json ? jsonText({ runs: newestFirst }) : runsTable(newestFirst)
  return { text, root: jobs[0]!.root, systems: runReports(runs), findings }
}
