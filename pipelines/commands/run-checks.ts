import { readFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { CliContext } from '../context.ts'
import { exitCodeOf, worstOf } from '../exit-code.ts'
import { runGate } from '../gate.ts'
import { loadConfig, selectSystems } from '../load-config.ts'
import { startProgress } from '../progress.ts'
import { errorReport } from '../report/build.ts'
import type { RenderContext } from '../report/render.ts'
import type { Report } from '../report/report.ts'
import { parseReportTargets, type ReportTarget } from '../report/target.ts'
import { checkReportTargets, writeReports } from '../report/write.ts'
import { messageOf } from '../../migrations/error.ts'
import type { ChecksFlags } from './checks.ts'
import { guarded, sayError } from './errors.ts'

export const gate = function (this: CliContext, flags: ChecksFlags): Promise<void> {
  return guarded(this, () => runNamed(this, 'gate', flags, []))
}

export const check = function (this: CliContext, flags: ChecksFlags, ...names: string[]): Promise<void> {
  return guarded(this, () => runNamed(this, `check ${names.join(' ')}`, flags, names))
}

export const drift = function (this: CliContext, flags: ChecksFlags): Promise<void> {
  return guarded(this, () => runNamed(this, 'drift', flags, ['drift']))
}

/** Runs checks and writes the reports asked for, in every case that parsed its flags. Resolves to the exit code. */
async function runNamed(
  context: CliContext,
  command: string,
  flags: ChecksFlags,
  names: readonly string[],
): Promise<number> {
  const targets = parseReportTargets(flags.report ?? [])
  checkReportTargets(targets, context.cwd)
  const startedAt = new Date()
  let root = context.cwd
  try {
    const config = await loadConfig(context.cwd, flags.config ?? null)
    root = config.root
    const systems = selectSystems(config, flags.system ?? [])
    const progress = startProgress(context)
    const { report, errors } = await runGate({
      command,
      config,
      systems,
      checks: names,
      base: flags.base ?? null,
      provider: flags.provider ?? null,
      serverUrl: context.env['LANDFALL_SERVER_URL'] || null,
      ci: Boolean(context.env['CI']),
      signal: context.signal,
      onServer: ({ provider, version }, ms) =>
        progress.line(`PostgreSQL ${version} (${provider}) in ${Math.round(ms)} ms`),
      onProgress: ({ system, fact, done, total, label }) =>
        progress.update(`${system}: ${fact} ${done}/${total} ${label}`),
      onResult: ({ system, check: name, state, durationMs }) =>
        progress.line(`${system}: ${name} ${state} in ${Math.round(durationMs)} ms`),
    }).finally(() => progress.done())
    await write(context, report, targets, root)
    for (const error of errors) sayError(context, error)
    return report.exitCode
  } catch (error) {
    const exitCode = worstOf([exitCodeOf(error)])
    const files = targets.filter(({ file, format }) => file !== null || format !== 'terminal')
    await write(context, errorReport(command, startedAt, exitCode, messageOf(error)), files, root)
    throw error
  }
}

async function write(
  context: CliContext,
  report: Report,
  targets: readonly ReportTarget[],
  root: string,
): Promise<void> {
  const { terminal, env, cwd } = context
  const {
    GITHUB_SERVER_URL: server,
    GITHUB_REPOSITORY: repository,
    GITHUB_RUN_ID: run,
    GITHUB_SHA: sha,
    GITHUB_WORKSPACE: workspace,
  } = env
  const render: RenderContext = {
    readSource: (file) => readOrNull(join(root, file)),
    color: terminal.color,
    width: terminal.columns,
    prefix: workspace ? relative(workspace, root) : '',
    sourceUrl: server && repository && sha ? `${server}/${repository}/blob/${sha}` : null,
    runUrl: server && repository && run ? `${server}/${repository}/actions/runs/${run}` : null,
  }
  context.out(await writeReports(report, targets, render, { cwd, summaryFile: env['GITHUB_STEP_SUMMARY'] ?? null }))
}

function readOrNull(file: string): string | null {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return null
  }
}
