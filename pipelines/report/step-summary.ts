import { appendFile, stat } from 'node:fs/promises'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { markdownWithin } from './markdown.ts'
import type { RenderContext } from './render.ts'
import type { Report } from './report.ts'

/** GitHub throws a summary above 1 MiB away, all of it, and leaves the step green. */
const stepSummaryLimit = 1024 * 1024

/** A rendering shorter than this says nothing. */
const least = 4096

/**
 * Appends the report to the step summary (`GITHUB_STEP_SUMMARY`), within what earlier commands of the step left of its limit.
 * False when they left no room. Throws an environment error when the file cannot be written.
 */
export const appendStepSummary = async (file: string, report: Report, context: RenderContext): Promise<boolean> => {
  try {
    const used = await stat(file).then(({ size }) => size, missingIsEmpty)
    const room = stepSummaryLimit - used - 1
    if (room < least) return false
    await appendFile(file, `${used === 0 ? '' : '\n'}${markdownWithin(room)(report, context)}`)
    return true
  } catch (error) {
    throw new LandfallError(
      'environment',
      'github/step-summary',
      `the step summary ${file} cannot be written: ${messageOf(error)}`,
      {
        next: 'leave GITHUB_STEP_SUMMARY as the runner sets it, or unset it',
        cause: error,
      },
    )
  }
}

const missingIsEmpty = (error: NodeJS.ErrnoException): number => {
  if (error.code === 'ENOENT') return 0
  throw error
}
