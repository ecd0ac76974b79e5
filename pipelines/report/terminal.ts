import { styleText } from 'node:util'
import type { Finding, Severity } from '../../checks/finding.ts'
import type { Location } from '../../migrations/error.ts'
import { excerpt } from './excerpt.ts'
import { ordered } from './order.ts'
import { count, duration, grounds, serverPhrase } from './phrases.ts'
import { clipped, oneLine, plainText } from './plain-text.ts'
import { placeText } from './place.ts'
import type { Render, RenderContext } from './render.ts'
import type { BackfillReport, CheckReport, Report, SystemReport } from './report.ts'

type Style = Parameters<typeof styleText>[0]
type Paint = (style: Style, text: string) => string

const glyph = { pass: '✓', fail: '✗', skip: '-' } as const
const stateStyle = { pass: 'green', fail: 'red', skip: 'dim' } as const
const severityGlyph: Readonly<Record<Severity, string>> = { error: '✗', warning: '!', info: 'i' }
const severityStyle: Readonly<Record<Severity, Style>> = { error: 'red', warning: 'yellow', info: 'blue' }

/** Of one rule this many are shown: what one mistake causes a thousand times is not read a thousand times. */
const perRule = 20
/** Findings that are shown with their source; the others get a line each. */
const detailed = 50

/** For people: what was done and how long it took, then the findings by rule, and the verdict on the last line. */
export const terminal: Render = (report, context) => {
  const paint: Paint = (style, text) => (context.color ? styleText(style, text, { validateStream: false }) : text)
  const sections = [
    heading(report, paint),
    ...report.systems.map((system) => systemSection(system, report, context, paint)),
    ...strayChecks(report, context, paint),
    ...findingSections(ordered(report.findings), report.systems.length > 1, context, paint),
    verdict(report, paint),
  ]
  return `${sections.map((lines) => lines.map((line) => line.trimEnd()).join('\n')).join('\n\n')}\n`
}

const heading = (report: Report, paint: Paint): string[] => {
  const reason = report.postgres?.reason
  const server = serverPhrase(report)
  return [
    paint('bold', `landfall ${oneLine(report.command)}`) +
      (server === null ? '' : paint('dim', ` · ${oneLine(server)}${reason ? `: ${oneLine(reason)}` : ''}`)),
  ]
}

const systemSection = (system: SystemReport, report: Report, context: RenderContext, paint: Paint): string[] => [
  `system ${paint('bold', oneLine(system.name))}`,
  ...checkLines(
    report.checks.filter((check) => check.system === system.name),
    context,
    paint,
  ),
  ...backfillLines(system.backfills, context, paint),
]

/** Checks of no system in the report: those that failed before there was one. */
const strayChecks = ({ checks, systems }: Report, context: RenderContext, paint: Paint): string[][] => {
  const stray = checks.filter((check) => systems.every(({ name }) => name !== check.system))
  return stray.length === 0 ? [] : [checkLines(stray, context, paint)]
}

const checkLines = (checks: readonly CheckReport[], context: RenderContext, paint: Paint): string[] => {
  const label = Math.max(0, ...checks.map(({ check }) => oneLine(check).length))
  return checks.flatMap(({ check, name, state, durationMs, errors }) => [
    timed(
      `  ${glyph[state]} ${oneLine(check).padEnd(label)}  ${oneLine(name)}`,
      state === 'skip' ? '' : duration(durationMs),
      context.width,
      (text) => paint(stateStyle[state], text),
    ),
    ...errors.flatMap(({ message, location }) =>
      state === 'skip'
        ? [paint('dim', `    skipped: ${oneLine(message)}`)]
        : [
            ...block('    │ ', message).map((line) => paint('red', line)),
            ...(location === null ? [] : placeLines('at', location, context, paint)),
          ],
    ),
  ])
}

const backfillLines = (backfills: readonly BackfillReport[], { width }: RenderContext, paint: Paint): string[] => {
  const label = Math.max(0, ...backfills.map(({ name }) => oneLine(name).length))
  return backfills.map(({ name, read, written, existing, rejected, verified, rolledBack, durationMs }) => {
    const untouched = read === 0 && written === 0 && verified === null
    const good = rejected === 0 && verified !== false && rolledBack !== false
    const state = untouched ? 'skip' : good ? 'pass' : 'fail'
    const facts = [
      `${read} read, ${written} written`,
      existing > 0 && `${existing} existing`,
      rejected > 0 && `${rejected} rejected`,
      verified !== null && (verified ? 'verified' : 'not verified'),
      rolledBack !== null && (rolledBack ? 'rolled back' : 'not rolled back'),
    ]
    const line = `  ${glyph[state]} ${oneLine(name).padEnd(label)}  ${untouched ? 'nothing read' : facts.filter(Boolean).join(', ')}`
    return timed(line, duration(durationMs), width, (text) => paint(stateStyle[state], text))
  })
}

/** A line with its time at the right margin; the glyph is coloured. */
const timed = (line: string, time: string, width: number, paintGlyph: (text: string) => string): string => {
  const room = Math.max(40, Math.min(width, 120)) - time.length - 1
  const text = time === '' ? line : `${clipped(line, room).padEnd(room)} ${time}`
  return `${text.slice(0, 2)}${paintGlyph(text.slice(2, 3))}${text.slice(3)}`
}

/** One section a rule; its reason is said once. */
const findingSections = (
  findings: readonly Finding[],
  severalSystems: boolean,
  context: RenderContext,
  paint: Paint,
): string[][] => {
  const full = new Set(findings.slice(0, detailed))
  const byRule = Map.groupBy(findings, ({ rule, severity, why }) => JSON.stringify([rule, severity, why]))
  return [...byRule.values()].map((group) => {
    const shown = group.map((finding) =>
      full.has(finding) ? findingLines(finding, severalSystems, context, paint) : [briefLine(finding)],
    )
    const rest = group.length - perRule
    return [
      ...ruleLines(group[0]!, group.length, paint),
      ...shown.slice(0, perRule).flatMap((lines, index) => [...gap(shown, index), ...lines]),
      ...(rest > 0 ? ['', paint('dim', `  … and ${rest} more of this rule: --report json has them all`)] : []),
    ]
  })
}

/** Findings of several lines stand apart, single lines together. */
const gap = (shown: readonly (readonly string[])[], index: number): string[] =>
  index > 0 && (shown[index - 1]!.length > 1 || shown[index]!.length > 1) ? [''] : []

const ruleLines = ({ rule, severity, why }: Finding, findings: number, paint: Paint): string[] => [
  paint([severityStyle[severity], 'bold'].flat() as Style, `${severityGlyph[severity]} ${oneLine(rule)}`) +
    (findings > 1 ? paint('dim', ` (${findings})`) : ''),
  ...(why === null ? [] : [paint('dim', `  why  ${oneLine(why)}`)]),
]

const briefLine = ({ message, location }: Finding): string =>
  `  • ${oneLine(message)}${location === null ? '' : ` at ${placeText(location)}`}`

const findingLines = (finding: Finding, severalSystems: boolean, context: RenderContext, paint: Paint): string[] => {
  const { system, message, location, other, fix, isNew } = finding
  const notes = [severalSystems && oneLine(system), isNew === true && 'new', isNew === false && 'known'].filter(Boolean)
  const [first = '', ...rest] = block('    ', message)
  return [
    `  • ${first.trimStart()}${notes.length === 0 ? '' : paint('dim', ` [${notes.join(', ')}]`)}`,
    ...rest.map((line) => `  │ ${line.trimStart()}`),
    ...(location === null ? [] : placeLines('at', location, context, paint)),
    ...(other === null ? [] : placeLines('other end', other, context, paint)),
    ...fixLines('in SQL', fix.sql, paint),
    ...fixLines('in TypeScript', fix.typescript, paint),
  ]
}

const placeLines = (label: string, location: Location, context: RenderContext, paint: Paint): string[] => [
  `    ${paint('dim', label)} ${paint('cyan', placeText(location))}`,
  ...excerpt(location, context.readSource, Math.max(40, Math.min(context.width, 160)) - 12).map(({ number, text }) =>
    number === null
      ? `    ${' '.repeat(String(location.line).length)} ${paint('dim', '│')} ${paint('red', text)}`
      : `    ${paint('dim', `${number} │`)} ${text}`,
  ),
]

const fixLines = (label: string, fix: string | null, paint: Paint): string[] =>
  fix === null
    ? []
    : fix.includes('\n')
      ? [`    ${paint('green', 'fix')} ${label}`, ...block('    │ ', fix)]
      : [`    ${paint('green', 'fix')} ${label}: ${oneLine(fix)}`]

/** Text of several lines behind a gutter: the GitHub runner obeys `::commands` that begin a line, even an indented one. */
const block = (gutter: string, text: string): string[] =>
  plainText(text)
    .trimEnd()
    .split('\n')
    .map((line) => gutter + line)

const verdictStyle = { pass: 'green', fail: 'red', error: 'red' } as const

const verdict = (report: Report, paint: Paint): string[] => {
  const next = nextCommand(report)
  const facts = [...grounds(report), duration(report.durationMs)]
  return [
    ...(next === null ? [] : [`${paint('dim', 'next')} ${next}`]),
    paint([verdictStyle[report.verdict], 'bold'].flat() as Style, report.verdict) +
      ` · ${facts.join(' · ')}` +
      (report.exitCode === 0 ? '' : paint('dim', ` · exit ${report.exitCode}`)),
  ]
}

/** The command that asks again for what failed, and nothing else; null when nothing did, or when asking again would change data. */
const nextCommand = ({ command, findings, checks, systems, verdict: answer }: Report): string | null => {
  if (answer !== 'fail' || !/^(gate|check|drift)\b/.test(command)) return null
  const failed = [
    ...checks.filter(({ state }) => state === 'fail'),
    ...ordered(findings).filter(({ severity }) => severity === 'error'),
  ]
  const names = [...new Set(failed.map(({ check }) => oneLine(check)))]
  const concerned = [...new Set(failed.map(({ system }) => oneLine(system)))].filter((name) => name !== '')
  // A live database is asked for by its address, which no report holds.
  if (names.length === 0 || names.includes('live')) return null
  const only = concerned.length < systems.length ? concerned.map((name) => ` --system ${name}`).join('') : ''
  return `landfall check ${names.join(' ')}${names.includes('compat') ? ' --base REF' : ''}${only}  (only what failed: ${count(names.length, 'check')})`
}
