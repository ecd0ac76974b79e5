import { readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { type Report, reportSchema } from './report.ts'

/** A report comes from another job, perhaps of a stranger's pull request: no more than this is read. */
const largest = 64 * 1024 * 1024

/** Problems that are told; a file of another kind has hundreds. */
const shown = 5

/** Reads a `report.json`. Throws a usage error when it is missing, too large, no JSON, or no report of schema 1. */
export const readReport = async (file: string): Promise<Report> => {
  const size = await stat(file).then(
    (stats) => (stats.isFile() ? stats.size : null),
    (error: unknown) => {
      throw refusal(file, `cannot be read: ${messageOf(error)}`)
    },
  )
  if (size === null) throw refusal(file, 'is not a file')
  if (size > largest) throw refusal(file, `is larger than ${largest / 1024 / 1024} MiB`)
  const value = parseJson(file, await readFile(file, 'utf8'))
  const report = reportSchema.safeParse(value)
  if (report.success) return report.data
  const { issues } = report.error
  const more = issues.length > shown ? `\n… and ${issues.length - shown} more` : ''
  throw refusal(file, `is not a report of schema 1:\n${z.prettifyError(new z.ZodError(issues.slice(0, shown)))}${more}`)
}

const parseJson = (file: string, text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch (error) {
    throw refusal(file, `is not JSON: ${messageOf(error)}`)
  }
}

const refusal = (file: string, problem: string): LandfallError =>
  new LandfallError('usage', 'report/unreadable', `${file} ${problem}`, {
    next: 'write one with --report json=FILE, for example landfall gate --report json=report.json',
    location: { file, line: null, column: null },
  })
