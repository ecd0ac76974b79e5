import { statSync } from 'node:fs'
import { writeFile } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { formats } from './formats.ts'
import type { RenderContext } from './render.ts'
import type { Report } from './report.ts'
import { appendStepSummary } from './step-summary.ts'
import type { ReportTarget } from './target.ts'

/**
 * Throws a usage error for a target that cannot be written: its directory is missing, or it is a directory itself. Called
 * before the work begins, so that nobody waits for a report that cannot be kept.
 */
export const checkReportTargets = (targets: readonly ReportTarget[], cwd: string): void => {
  for (const { format, file } of targets) {
    if (file === null) continue
    const path = resolve(cwd, file)
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory()) {
      throw unwritable(format, file, 'is a directory', `name a file in it, for example ${file}/report.${format}`)
    }
    if (!statSync(dirname(path), { throwIfNoEntry: false })?.isDirectory()) {
      throw unwritable(
        format,
        file,
        'lies in a directory that does not exist',
        `create it first: mkdir -p ${dirname(file)}`,
      )
    }
  }
}

export interface ReportPlaces {
  /** What the files of targets are relative to. */
  readonly cwd: string
  /** The step summary of a GitHub Actions job: Markdown that names this file is appended to it, up to its own limit. */
  readonly summaryFile: string | null
}

/**
 * Writes every target that names a file, and returns what goes to standard output (`''` when nothing does). Colours are for
 * standard output only. All targets are tried; then the first failure is thrown as a usage error.
 */
export const writeReports = async (
  report: Report,
  targets: readonly ReportTarget[],
  context: RenderContext,
  { cwd, summaryFile }: ReportPlaces,
): Promise<string> => {
  const failures: LandfallError[] = []
  let stdout = ''
  for (const { format, file } of targets) {
    if (file === null) {
      stdout += formats[format](report, context)
      continue
    }
    const path = resolve(cwd, file)
    const plain = { ...context, color: false }
    try {
      if (format === 'markdown' && path === summaryFile) await appendStepSummary(path, report, plain)
      else await writeFile(path, formats[format](report, plain))
    } catch (error) {
      failures.push(
        unwritable(format, file, `cannot be written: ${messageOf(error)}`, 'name a file that can be written'),
      )
    }
  }
  if (failures[0] !== undefined) throw failures[0]
  return stdout
}

const unwritable = (format: string, file: string, problem: string, next: string): LandfallError =>
  new LandfallError('usage', 'report/unwritable', `--report ${format}=${file}: ${file} ${problem}`, { next })
