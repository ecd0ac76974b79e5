import XMLBuilder from 'fast-xml-builder'
import type { Finding } from '../../checks/finding.ts'
import { ordered } from './order.ts'
import { placeText } from './place.ts'
import { oneLine, plainText } from './plain-text.ts'
import type { Render } from './render.ts'
import type { CheckReport, Report } from './report.ts'

const builder = new XMLBuilder({ ignoreAttributes: false, format: true, suppressEmptyNode: true })

/**
 * JUnit's XML, as other CI systems read it: a suite for each system, a case for each check. A check fails by its findings at
 * error level; what it threw is an error; the others stand in the case's output.
 */
export const junit: Render = (report) => {
  const systems = [...new Set(report.checks.map(({ system }) => system))]
  const suites = systems.map((system) => suite(system, report))
  return `<?xml version="1.0" encoding="UTF-8"?>\n${builder.build({
    testsuites: {
      '@_name': oneLine(`landfall ${report.command}`),
      ...totals(suites),
      '@_time': seconds(report.durationMs),
      testsuite: suites,
    },
  })}`
}

interface Totals {
  readonly '@_tests': number
  readonly '@_failures': number
  readonly '@_errors': number
  readonly '@_skipped': number
}

const totals = (parts: readonly Totals[]): Totals => {
  const sum = (of: keyof Totals): number => parts.reduce((total, part) => total + part[of], 0)
  return {
    '@_tests': sum('@_tests'),
    '@_failures': sum('@_failures'),
    '@_errors': sum('@_errors'),
    '@_skipped': sum('@_skipped'),
  }
}

function suite(system: string, { checks, findings, startedAt }: Report) {
  const own = checks.filter((check) => check.system === system)
  // A finding belongs to the first of the sentences of its check.
  const firsts = new Set(own.filter(({ check }, index) => own.findIndex((other) => other.check === check) === index))
  const cases = own.map((check) => {
    const found = firsts.has(check) ? findings.filter((one) => one.system === system && one.check === check.check) : []
    return testCase(check, ordered(found))
  })
  const counts = cases.map((each) => ({
    '@_tests': 1,
    '@_failures': each.failure.length > 0 ? 1 : 0,
    '@_errors': each.error.length > 0 ? 1 : 0,
    '@_skipped': each.skipped.length,
  }))
  return {
    '@_name': oneLine(system || 'landfall'),
    ...totals(counts),
    '@_time': seconds(own.reduce((sum, { durationMs }) => sum + durationMs, 0)),
    '@_timestamp': startedAt.replace(/\.\d+Z$/, ''),
    testcase: cases,
  }
}

function testCase({ check, file, name, state, durationMs, errors }: CheckReport, findings: readonly Finding[]) {
  const bad = findings.filter(({ severity }) => severity === 'error')
  const rest = findings.filter(({ severity }) => severity !== 'error')
  const messages = errors.map(({ message }) => oneLine(message))
  return {
    '@_classname': oneLine(check),
    '@_name': oneLine(name),
    '@_file': oneLine(file),
    '@_time': seconds(durationMs),
    failure: bad.map((finding) => ({
      '@_type': oneLine(finding.rule),
      '@_message': oneLine(finding.message),
      '#text': story(finding),
    })),
    error: state === 'fail' ? messages.map((message) => ({ '@_message': message })) : [],
    skipped: state === 'skip' ? [{ '@_message': messages.join('; ') }] : [],
    'system-out': rest.length === 0 ? [] : [rest.map(story).join('\n\n')],
  }
}

const story = ({ rule, severity, message, why, location, other, fix }: Finding): string =>
  [
    `${severity} ${oneLine(rule)}: ${plainText(message)}`,
    location && `at ${placeText(location)}`,
    other && `other end ${placeText(other)}`,
    why && `why: ${plainText(why)}`,
    fix.sql && `fix in SQL: ${plainText(fix.sql)}`,
    fix.typescript && `fix in TypeScript: ${plainText(fix.typescript)}`,
  ]
    .filter(Boolean)
    .join('\n')

const seconds = (ms: number): string => (ms / 1000).toFixed(3)
