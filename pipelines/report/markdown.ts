import type { Finding, Severity } from '../../checks/finding.ts'
import type { Location } from '../../migrations/error.ts'
import { markdownBlock, markdownCode, markdownText } from './markdown-text.ts'
import { ordered } from './order.ts'
import { count, coverage, duration, serverPhrase, tally, tallyPhrase } from './phrases.ts'
import { placeText, placeUrl } from './place.ts'
import type { Render, RenderContext } from './render.ts'
import type { BackfillReport, MigrationReport, Report } from './report.ts'
import { fitted, type Section } from './sections.ts'

/** The first line of every rendering: how the pull request comment is found again. */
export const commentMarker = '<!-- landfall:drift -->'

/** Below GitHub's 65,536 for a comment. */
const commentLimit = 65_000

const verdictSign = { pass: '✅', fail: '❌', error: '⛔' } as const
const severitySign: Readonly<Record<Severity, string>> = { error: '❌', warning: '⚠️', info: 'ℹ️' }

/** The pull request comment and the step summary: the verdict and what it rests on, the findings, then the facts, folded. */
export const markdown: Render = (report, context) => markdownWithin(commentLimit)(report, context)

/** The same, for a surface that holds `limit` bytes. */
export const markdownWithin =
  (limit: number): Render =>
  (report, context) => {
    const findings = ordered(report.findings)
    const known = findings.filter(({ isNew }) => isNew === false)
    const current = findings.filter(({ isNew }) => isNew !== false)
    return fitted(
      [
        opening(report, known.length),
        brokenChecks(report, context),
        findingTable(current, report, context, { folded: false }),
        fixes(current, context),
        findingTable(known, report, context, { folded: true }),
        migrations(report),
        drift(report),
        backfills(report),
        skipped(report),
        closing(context),
      ].flat(),
      limit,
    )
  }

const opening = (report: Report, known: number): Section => {
  const news =
    report.findings.length === 0 ? '' : `, ${tallyPhrase(tally(report))}${known > 0 ? ` (${known} known)` : ''}`
  const looked = coverage(report)
  const facts = [
    looked.length === 0 ? 'Nothing was checked' : `Checked: ${looked.join(', ')}`,
    markdownText(serverPhrase(report) ?? ''),
    duration(report.durationMs),
  ]
  const title = `### ${verdictSign[report.verdict]} landfall ${markdownText(report.command)}: ${report.verdict}${news}`
  return whole(`${commentMarker}\n${title}\n${facts.filter(Boolean).join(' · ')}\n`)
}

const brokenChecks = ({ checks }: Report, context: RenderContext): Section[] => {
  const broken = checks.filter(({ state, errors }) => state === 'fail' && errors.length > 0)
  return table({
    title: 'Checks that did not finish',
    folded: false,
    columns: ['check', 'where', 'what happened'],
    rows: broken.flatMap(({ check, system, errors }) =>
      errors.map(({ message, location }) => [
        [markdownCode(check), markdownText(system)].filter(Boolean).join('<br>'),
        location === null ? '' : place(location, context),
        markdownText(message),
      ]),
    ),
  })
}

const findingTable = (
  findings: readonly Finding[],
  { systems }: Report,
  context: RenderContext,
  { folded }: { readonly folded: boolean },
): Section[] =>
  table({
    title: folded ? `${findings.length} known` : null,
    folded,
    columns: ['', 'where', 'what is wrong', 'why it bites'],
    rows: findings.map(({ severity, rule, system, location, other, message, why }) => [
      `${severitySign[severity]} ${markdownCode(rule)}${systems.length > 1 ? `<br>${markdownText(system)}` : ''}`,
      [location, other].flatMap((end) => (end === null ? [] : [place(end, context)])).join('<br>↔ '),
      markdownText(message),
      why === null ? '' : markdownText(why),
    ]),
  })

const fixes = (findings: readonly Finding[], context: RenderContext): Section[] => {
  const fixable = findings.filter(({ fix }) => fix.sql !== null || fix.typescript !== null)
  const rows = fixable.map(({ rule, location, fix }) =>
    [
      `${markdownCode(rule)}${location === null ? '' : ` at ${place(location, context)}`}\n`,
      fix.sql === null ? '' : markdownBlock('sql', fix.sql),
      fix.sql === null || fix.typescript === null ? '' : 'or\n',
      fix.typescript === null ? '' : markdownBlock('ts', fix.typescript),
    ].join(''),
  )
  return rows.length === 0 ? [] : [details(`How to fix (${rows.length})`, '', rows, 'fix')]
}

const migrations = ({ systems }: Report): Section[] => {
  const all = systems.flatMap((system) => system.migrations.map((migration) => ({ system: system.name, migration })))
  const proven = all.filter(({ migration }) => migration.state === 'proven').length
  return table({
    title: `${count(all.length, 'migration')}, ${proven} proven`,
    folded: true,
    columns: ['system', 'migration', 'state', 'up', 'down', 'undone', 'data', 'blocks'],
    rows: all.map(({ system, migration }) => [markdownText(system), ...migrationCells(migration)]),
  })
}

const migrationCells = (migration: MigrationReport): string[] => [
  `${markdownCode(`${migration.version}_${migration.name}`)}${migration.isNew === true ? ' new' : ''}`,
  migration.state,
  migration.upMs === null ? '' : duration(migration.upMs),
  migration.downMs === null ? '' : duration(migration.downMs),
  migration.difference === null ? '' : differences[migration.difference],
  migration.dataPreserved === null ? '' : migration.dataPreserved ? 'kept' : 'lost',
  migration.locks
    .filter(({ blocks }) => blocks !== 'none')
    .map(({ table: name, blocks }) => `${markdownCode(name)} ${blocks}`)
    .join('<br>'),
]

const differences = { none: 'identical', cosmetic: 'but for cosmetics', schema: 'not' } as const

const drift = ({ systems }: Report): Section[] => {
  const compared = systems.flatMap(({ name, drift: facts }) => (facts === null ? [] : [{ name, facts }]))
  const cell = ({ checked, unchecked }: { checked: number; unchecked: number }): string =>
    unchecked === 0 ? `${checked}` : `${checked}, ${unchecked} unchecked`
  return table({
    title: 'Types and tables compared',
    folded: true,
    columns: ['system', 'types', 'tables', 'columns'],
    rows: compared.map(({ name, facts }) => [
      markdownText(name),
      cell(facts.types),
      cell(facts.tables),
      cell(facts.columns),
    ]),
  })
}

const backfills = ({ systems }: Report): Section[] => {
  const all = systems.flatMap((system) => system.backfills.map((backfill) => [system.name, backfill] as const))
  return table({
    title: count(all.length, 'backfill'),
    folded: true,
    columns: ['system', 'job', 'read', 'written', 'existing', 'rejected', 'verified', 'rolled back', 'time'],
    rows: all.map(([system, backfill]) => [markdownText(system), ...backfillCells(backfill)]),
  })
}

const backfillCells = ({ name, verified, rolledBack, durationMs, ...counts }: BackfillReport): string[] => [
  markdownCode(name),
  ...[counts.read, counts.written, counts.existing, counts.rejected].map(String),
  ...[verified, rolledBack].map((answer) => (answer === null ? '' : answer ? 'yes' : 'no')),
  duration(durationMs),
]

const skipped = ({ checks }: Report): Section[] => {
  const rows = checks.filter(({ state }) => state === 'skip')
  return table({
    title: `${count(rows.length, 'check')} skipped`,
    folded: true,
    columns: ['system', 'check', 'reason'],
    rows: rows.map(({ system, check, errors }) => [
      markdownText(system),
      markdownCode(check),
      markdownText(errors.map(({ message }) => message).join('; ')),
    ]),
  })
}

const closing = ({ runUrl }: RenderContext): Section[] =>
  runUrl === null ? [] : [whole(`\n[The whole report](${runUrl})\n`)]

const place = (location: Location, { prefix, sourceUrl }: RenderContext): string => {
  const code = markdownCode(placeText({ ...location, column: null }))
  const url = placeUrl(location, prefix, sourceUrl)
  return url === null ? code : `[${code}](${url})`
}

interface Table {
  readonly title: string | null
  readonly folded: boolean
  readonly columns: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

/** A table, or nothing when it has no rows. */
const table = ({ title, folded, columns, rows }: Table): Section[] => {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |\n`
  const head = line(columns) + line(columns.map(() => '---'))
  const lines = rows.map(line)
  if (lines.length === 0) return []
  if (folded) return [details(title ?? '', head, lines, 'row')]
  return [
    { head: `\n${title === null ? '' : `**${title}**\n\n`}${head}`, rows: lines, tail: '', more: notShown('row') },
  ]
}

const details = (title: string, head: string, rows: readonly string[], noun: string): Section => ({
  head: `\n<details><summary>${title}</summary>\n\n${head}`,
  rows,
  tail: '\n</details>\n',
  more: notShown(noun, title),
})

const notShown =
  (noun: string, of = '') =>
  (hidden: number): string =>
    `\n_${of === '' ? '' : `${of}: `}${count(hidden, `more ${noun}`, `more ${noun === 'fix' ? 'fixes' : `${noun}s`}`)} not shown here_\n`

const whole = (text: string): Section => ({ head: text, rows: [], tail: '', more: () => '' })
