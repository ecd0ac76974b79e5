import { resolve } from 'node:path'
import type { CliContext } from '../context.ts'
import { exitCodeOf } from '../exit-code.ts'
import type { DriftDifference } from '../../checks/drift/difference.ts'
import { runGate, type GateOutcome } from '../gate.ts'
import { loadConfig, selectSystems } from '../load-config.ts'
import { startProgress } from '../progress.ts'
import { errorReport } from '../report/build.ts'
import { messageOf } from '../../migrations/error.ts'
import type { CheckFlags, DriftFlags, GateFlags } from './checks.ts'
import { databaseUrlOf } from './flags.ts'
import { causeOf, guarded, sayError } from './errors.ts'
import { isShallow, knowsRef, shallow } from '../../migrations/base.ts'
import type { GithubEvent } from '../report/github-event.ts'
import { placeText } from '../report/place.ts'
import { openReporting } from './reporting.ts'

export const gate = function (this: CliContext, flags: GateFlags): Promise<void> {
  return guarded(this, () => runNamed(this, 'gate', flags, []))
}

export const check = function (this: CliContext, flags: CheckFlags, ...names: string[]): Promise<void> {
  return guarded(this, () => runNamed(this, `check ${names.join(' ')}`, flags, names))
}

export const drift = function (this: CliContext, flags: DriftFlags): Promise<void> {
  return guarded(this, () => {
    const live = flags.databaseUrl === undefined ? [] : (['live'] as const)
    return runNamed(this, 'drift', flags, ['drift', 'compat', ...live])
  })
}

/** Runs checks and writes the reports asked for, in every case that parsed its flags. Resolves to the exit code. */
async function runNamed(
  context: CliContext,
  command: string,
  flags: GateFlags & DriftFlags & CheckFlags,
  names: readonly string[],
): Promise<number> {
  const reporting = openReporting(context, flags.report)
  const startedAt = new Date()
  let root = context.cwd
  try {
    const config = await loadConfig(context, flags.config ?? null)
    root = config.root
    const systems = selectSystems(config, flags.system ?? [])
    const databaseUrl = flags.databaseUrl === undefined ? null : databaseUrlOf(flags, {})
    const progress = startProgress(context)
    const { report, mended, unmended, errors } = await runGate({
      command,
      config,
      systems,
      checks: names,
      base: flags.base ?? (await baseOfEvent(context, reporting.event, root)),
      all: flags.all ?? false,
      sequences: { seed: flags.seed ?? null, runs: flags.runs ?? null },
      databaseUrl,
      fix: flags.fix ?? false,
      updateBaseline: flags.updateBaseline ?? false,
      provider: flags.provider ?? null,
      serverUrl: context.env['LANDFALL_SERVER_URL'] || null,
      dockerHost: context.env['DOCKER_HOST'] || null,
      cache: flags.cache === undefined ? null : resolve(context.cwd, flags.cache),
      ci: Boolean(context.env['CI']),
      signal: context.signal,
      onNote: (text) => context.say(`note: ${text}`),
      onServer: ({ provider, version }, ms) =>
        progress.line(`PostgreSQL ${version} (${provider}) in ${Math.round(ms)} ms`),
      onProgress: ({ system, fact, done, total, label }) =>
        progress.update(`${system}: ${fact} ${done}/${total} ${label}`),
      onResult: ({ system, check: name, state, durationMs }) =>
        progress.line(`${system}: ${name} ${state} in ${Math.round(durationMs)} ms`),
    }).finally(() => progress.done())
    await reporting.write(report, root)
    if (flags.fix) for (const line of mendedText({ mended, unmended })) context.say(line)
    for (const message of new Set(errors.map(messageOf)))
      sayError(
        context,
        errors.find((error) => messageOf(error) === message),
      )
    return report.exitCode
  } catch (thrown) {
    const error = causeOf(context, thrown)
    const files = reporting.targets.filter(({ file, format }) => file !== null || format !== 'terminal')
    await reporting.write(errorReport(command, startedAt, exitCodeOf(error), messageOf(error)), root, files)
    throw error
  }
}

/** What `--fix` wrote, and what it left, and why. */
function mendedText({ mended, unmended }: Pick<GateOutcome, 'mended' | 'unmended'>): string[] {
  const placed = ({ location, fix }: DriftDifference): string =>
    `${location === null ? '-' : placeText(location)}  ${fix.typescript}`
  return [
    ...(mended.length === 0 ? ['nothing to fix'] : mended.map((difference) => `fixed  ${placed(difference)}`)),
    ...unmended.map(({ difference, reason }) => `left   ${placed(difference)} (${reason})`),
  ]
}

/** In GitHub Actions the base of the event by itself. A checkout that was cut short is no reason to compare with nothing. */
async function baseOfEvent(context: CliContext, { base }: GithubEvent, root: string): Promise<string | null> {
  if (base === null || !context.env['GITHUB_ACTIONS']) return null
  if (await knowsRef(root, base)) return base
  if (await isShallow(root)) throw shallow(base)
  context.say(`note: ${base} is not in the repository of the config, so nothing is compared with it`)
  return null
}
