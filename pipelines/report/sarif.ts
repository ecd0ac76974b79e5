import type { Location as SarifLocation, Log, Notification, ReportingDescriptor, Result } from 'sarif'
import type { Finding, Severity } from '../../checks/finding.ts'
import { ruleOf } from '../../checks/rules.ts'
import type { Location } from '../../migrations/error.ts'
import { ordered } from './order.ts'
import { ofSystem } from './phrases.ts'
import { repositoryPath } from './place.ts'
import { oneLine, plainText } from './plain-text.ts'
import type { Render } from './render.ts'
import type { Report } from './report.ts'

const levels: Readonly<Record<Severity, Result.level>> = { error: 'error', warning: 'warning', info: 'note' }

/** Code scanning takes as many of a run, and refuses a file with more; the worst come first. */
const MOST = 25_000

/** SARIF 2.1.0: one run, with the rules that found something, the findings, and what checks threw as notifications. */
export const sarif: Render = (report, { prefix }) => {
  const findings = ordered(report.findings).slice(0, MOST)
  const rules = [...new Set(findings.map(({ rule }) => oneLine(rule)))].toSorted()
  const log: Log = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'landfall', version: report.tool.version, rules: rules.map(descriptor) } },
        columnKind: 'utf16CodeUnits',
        invocations: [
          {
            executionSuccessful: report.verdict !== 'error',
            exitCode: report.exitCode,
            startTimeUtc: report.startedAt,
            toolExecutionNotifications: notifications(report, prefix),
          },
        ],
        results: findings.map((finding) => result(finding, rules.indexOf(oneLine(finding.rule)), prefix)),
      },
    ],
  }
  return `${JSON.stringify(log, null, 2)}\n`
}

/** A team's own rule has only its name. */
const descriptor = (id: string): ReportingDescriptor => {
  const rule = ruleOf(id)
  if (rule === undefined) return { id }
  return {
    id,
    shortDescription: { text: rule.why },
    help: { text: rule.fix },
    defaultConfiguration: { level: levels[rule.severity] as 'error' | 'warning' | 'note' },
  }
}

const result = (finding: Finding, ruleIndex: number, prefix: string): Result => {
  const { rule, severity, system, check, message, why, object, location, other, fix, fingerprint, isNew } = finding
  const fixes = [fix.sql && `Fix in SQL: ${fix.sql}`, fix.typescript && `Fix in TypeScript: ${fix.typescript}`]
  return {
    ruleId: oneLine(rule),
    ruleIndex,
    level: levels[severity],
    message: { text: plainText([message, why && `Why: ${why}`, ...fixes].filter(Boolean).join('\n')) },
    locations: place(location, object, prefix),
    relatedLocations: place(other, null, prefix).map((end) => ({ ...end, message: { text: 'the other end' } })),
    // What is the same is so after lines have moved.
    partialFingerprints: { 'landfall/v1': plainText(fingerprint) },
    ...(isNew === null ? {} : { baselineState: isNew ? ('new' as const) : ('unchanged' as const) }),
    properties: { system, check },
  }
}

const notifications = ({ checks }: Report, prefix: string): Notification[] =>
  checks
    .filter(({ state }) => state === 'fail')
    .flatMap(({ check, system, errors }) =>
      errors.map(({ message, location }) => ({
        level: 'error' as const,
        message: { text: plainText(`${ofSystem(check, system)}: ${message}`) },
        locations: place(location, null, prefix),
      })),
    )

/** A file outside of the repository has no address in it. */
const place = (location: Location | null, object: string | null, prefix: string): SarifLocation[] => {
  const path = location && repositoryPath(location.file, prefix)
  const logical = object === null ? {} : { logicalLocations: [{ fullyQualifiedName: plainText(object) }] }
  if (location === null || path === null) return object === null ? [] : [logical]
  const { line, column } = location
  const region =
    line === null ? {} : { region: { startLine: line, ...(column === null ? {} : { startColumn: column }) } }
  const uri = path
    .split('/')
    .map((segment) => encodeURIComponent(segment.toWellFormed()))
    .join('/')
  return [{ physicalLocation: { artifactLocation: { uri, uriBaseId: '%SRCROOT%' }, ...region }, ...logical }]
}
