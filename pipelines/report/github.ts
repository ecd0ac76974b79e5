import type { Finding, Severity } from '../../checks/finding.ts'
import type { Location } from '../../migrations/error.ts'
import { ordered } from './order.ts'
import { grounds, ofSystem } from './phrases.ts'
import { placeText, repositoryPath } from './place.ts'
import { clipped, oneLine } from './plain-text.ts'
import type { Render } from './render.ts'
import type { Report } from './report.ts'
import { type WorkflowCommand, workflowCommand } from './workflow-command.ts'

interface Annotation {
  readonly level: WorkflowCommand['name']
  readonly title: string
  readonly message: string
  readonly location: Location | null
}

const levels: Readonly<Record<Severity, Annotation['level']>> = { error: 'error', warning: 'warning', info: 'notice' }

/** GitHub drops what a step says beyond 10 of a level, without a word; one notice is kept to say how many there are. */
const budget: Readonly<Record<Annotation['level'], number>> = { error: 10, warning: 10, notice: 9 }

/**
 * Annotations on the lines, as workflow commands, and the verdict as plain text. All of it is our own text or escaped, so
 * that no `::stop-commands::` is needed around it.
 */
export const github: Render = (report, { prefix }) => {
  const annotations = [...brokenChecks(report), ...ordered(report.findings).map(findingAnnotation)]
  const shown = Object.entries(budget).flatMap(([level, most]) =>
    annotations.filter((annotation) => annotation.level === level).slice(0, most),
  )
  const hidden = annotations.length - shown.length
  const more = `${hidden} more ${hidden === 1 ? 'finding is' : 'findings are'} in the report and the step summary`
  return [
    ...shown.map((annotation) => command(annotation, prefix)),
    ...(hidden === 0 ? [] : [workflowCommand({ name: 'notice', properties: { title: 'landfall' }, message: more })]),
    `landfall ${oneLine(report.command)}: ${report.verdict}, ${grounds(report).join(', ')}`,
    '',
  ].join('\n')
}

const brokenChecks = ({ checks }: Report): Annotation[] =>
  checks
    .filter(({ state }) => state === 'fail')
    .flatMap(({ check, system, errors }) =>
      errors.map(({ message, location }) => ({
        level: 'error' as const,
        title: ofSystem(check, system),
        message,
        location,
      })),
    )

const findingAnnotation = ({ severity, rule, system, message, why, other, fix, location }: Finding): Annotation => ({
  level: levels[severity],
  title: ofSystem(rule, system),
  message: [
    message,
    why && `Why: ${why}`,
    other && `Other end: ${placeText(other)}`,
    fix.sql && `Fix in SQL: ${clipped(fix.sql, 1000)}`,
    fix.typescript && `Fix in TypeScript: ${clipped(fix.typescript, 1000)}`,
  ]
    .filter(Boolean)
    .join('\n'),
  location,
})

const command = ({ level, title, message, location }: Annotation, prefix: string): string => {
  const file = location && repositoryPath(location.file, prefix)
  return workflowCommand({
    name: level,
    properties: {
      file,
      line: file === null ? null : (location?.line ?? null),
      col: file === null || location?.line === null ? null : (location?.column ?? null),
      title: oneLine(title),
    },
    message: location !== null && file === null ? `${placeText(location)}: ${message}` : message,
  })
}
