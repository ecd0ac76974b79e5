import { normalize } from 'node:path'
import { LandfallError } from '../../migrations/error.ts'
import { type FormatName, formatNames, isFormatName } from './formats.ts'

/** One `--report FORMAT[=FILE]`. */
export interface ReportTarget {
  readonly format: FormatName
  /** As written, relative to the working directory; null for stdout. */
  readonly file: string | null
}

/** `json=report.json`, `markdown`. Throws a usage error for an unknown format or an empty file name. */
export const parseReportTarget = (value: string): ReportTarget => {
  const [, name = '', file] = /^([^=]*)(?:=(.*))?$/s.exec(value) ?? []
  if (!isFormatName(name)) {
    throw new LandfallError('usage', 'report/unknown-format', `--report ${value}: there is no format "${name}"`, {
      next: `use one of ${formatNames.join(', ')}`,
    })
  }
  if (file === '') {
    throw new LandfallError('usage', 'report/no-file', `--report ${value}: the file name after "=" is empty`, {
      next: `write --report ${name}=FILE, or --report ${name} for standard output`,
    })
  }
  return { format: name, file: file ?? null }
}

/**
 * All `--report` values of a command line. Standard output gets `terminal` when no other format claims it and `terminal` has
 * no file of its own. Throws a usage error when two of them claim standard output or the same file.
 */
export const parseReportTargets = (values: readonly string[]): readonly ReportTarget[] => {
  const targets = values.map(parseReportTarget)
  const places = targets.map(({ file }) => (file === null ? null : normalize(file)))
  const place = places.find((each, index) => places.indexOf(each) !== index)
  if (place !== undefined) {
    const both = targets.filter((_, index) => places[index] === place).map(({ format }) => format)
    throw new LandfallError(
      'usage',
      'report/place-taken',
      `--report ${both.join(' and ')} both go to ${place ?? 'standard output'}`,
      { next: `give one of them a file of its own, for example --report ${both[1]}=report-2.${both[1]}` },
    )
  }
  const spoken = targets.some(({ format, file }) => file === null || format === 'terminal')
  return spoken ? targets : [{ format: 'terminal', file: null }, ...targets]
}
