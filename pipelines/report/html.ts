import type { Finding } from '../../checks/finding.ts'
import type { Location } from '../../migrations/error.ts'
import { excerpt } from './excerpt.ts'
import { Markup, markup } from './markup.ts'
import { ordered } from './order.ts'
import { count, duration, grounds, serverPhrase } from './phrases.ts'
import { placeText, placeUrl } from './place.ts'
import { plainText } from './plain-text.ts'
import type { Render, RenderContext } from './render.ts'
import type { Report } from './report.ts'

/**
 * One page that stands alone: no script, nothing that is fetched, so that it can be kept as an artifact and opened anywhere.
 * The verdict, every finding with the lines that it is about and its fixes, and the facts.
 */
export const html: Render = (report, context) => {
  const title = `landfall ${plainText(report.command)}: ${report.verdict}`
  return markup`<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${title}</title>
<style>${new Markup(STYLE)}</style>
<header class="${report.verdict}">
<h1>${title}</h1>
<p>${[...grounds(report), serverPhrase(report) ?? '', duration(report.durationMs)].filter(Boolean).map(plainText).join(' · ')}</p>
</header>
<main>
${broken(report)}${findings(report, context)}${migrations(report)}${drift(report)}${backfills(report)}${checks(report)}</main>
</html>
`.text
}

const findings = ({ findings: all, systems }: Report, context: RenderContext): Markup =>
  all.length === 0
    ? markup``
    : markup`<h2>Findings</h2>
${ordered(all).map((finding) => article(finding, systems.length > 1, context))}`

const article = (finding: Finding, several: boolean, context: RenderContext): Markup => {
  const { rule, severity, system, message, why, location, other, fix, isNew } = finding
  const tags = [several ? system : null, isNew === true ? 'new' : isNew === false ? 'known' : null]
  return markup`<article class="${severity}">
<h3>${plainText(message)}</h3>
<p><b>${severity}</b> <code>${plainText(rule)}</code>${tags.map((tag) => tag && markup` <i>${plainText(tag)}</i>`)}</p>
${why && markup`<p>${plainText(why)}</p>\n`}${end('at', location, context)}${end('other end', other, context)}${fixed('Fix in SQL', fix.sql)}${fixed('Fix in TypeScript', fix.typescript)}</article>
`
}

const end = (label: string, location: Location | null, context: RenderContext): Markup | null => {
  if (location === null) return null
  const url = placeUrl(location, context.prefix, context.sourceUrl)
  const text = placeText(location)
  const lines = excerpt(location, context.readSource, 120).map(({ number, text: line }) => `${number ?? ''}\t${line}`)
  return markup`<p>${label} ${url === null ? markup`<code>${text}</code>` : markup`<a href="${url}"><code>${text}</code></a>`}</p>
${lines.length === 0 ? null : markup`<pre>${lines.join('\n')}</pre>\n`}`
}

const fixed = (title: string, text: string | null): Markup | null =>
  text === null
    ? null
    : markup`<details><summary>${title}</summary>
<pre>${plainText(text)}</pre>
</details>
`

const broken = ({ checks: all }: Report): Markup =>
  table(
    'Checks that did not finish',
    ['system', 'check', 'what happened'],
    all
      .filter(({ state }) => state === 'fail')
      .flatMap(({ system, check, errors }) => errors.map(({ message }) => [system, check, message])),
  )

const migrations = ({ systems }: Report): Markup =>
  table(
    'Migrations',
    ['system', 'migration', 'state', 'up', 'down', 'undone', 'data', 'blocks'],
    systems.flatMap(({ name, migrations: all }) =>
      all.map((each) => [
        name,
        `${each.version}_${each.name}${each.isNew === true ? ' (new)' : ''}`,
        each.state,
        each.upMs === null ? '' : duration(each.upMs),
        each.downMs === null ? '' : duration(each.downMs),
        each.difference === null
          ? ''
          : { none: 'identical', cosmetic: 'but for cosmetics', schema: 'not' }[each.difference],
        each.dataPreserved === null ? '' : each.dataPreserved ? 'kept' : 'lost',
        each.locks
          .filter(({ blocks }) => blocks !== 'none')
          .map(({ table: of, blocks }) => `${of} ${blocks}`)
          .join(', '),
      ]),
    ),
  )

const drift = ({ systems }: Report): Markup =>
  table(
    'Types and tables compared',
    ['system', 'types', 'tables', 'columns'],
    systems.flatMap(({ name, drift: facts }) =>
      facts === null
        ? []
        : [
            [
              name,
              ...[facts.types, facts.tables, facts.columns].map(
                ({ checked, unchecked }) => `${checked}${unchecked === 0 ? '' : `, ${unchecked} unchecked`}`,
              ),
            ],
          ],
    ),
  )

const answer = (value: boolean | null): string => (value === null ? '' : value ? 'yes' : 'no')

const backfills = ({ systems }: Report): Markup =>
  table(
    'Backfills',
    ['system', 'job', 'read', 'written', 'existing', 'rejected', 'verified', 'rolled back', 'time'],
    systems.flatMap(({ name, backfills: all }) =>
      all.map((each) => [
        name,
        each.name,
        ...[each.read, each.written, each.existing, each.rejected].map(String),
        answer(each.verified),
        answer(each.rolledBack),
        duration(each.durationMs),
      ]),
    ),
  )

const checks = ({ checks: all }: Report): Markup =>
  table(
    count(all.length, 'check'),
    ['system', 'check', 'question', 'answer', 'time'],
    all.map(({ system, check, name, state, errors, durationMs }) => [
      system,
      check,
      name,
      state === 'skip' ? `skipped: ${errors.map(({ message }) => message).join('; ')}` : state,
      state === 'skip' ? '' : duration(durationMs),
    ]),
  )

const table = (title: string, columns: readonly string[], rows: readonly (readonly string[])[]): Markup =>
  rows.length === 0
    ? markup``
    : markup`<h2>${title}</h2>
<table>
<thead><tr>${columns.map((column) => markup`<th scope="col">${column}</th>`)}</tr></thead>
<tbody>
${rows.map((cells) => markup`<tr>${cells.map((cell) => markup`<td>${plainText(cell)}</td>`)}</tr>\n`)}</tbody>
</table>
`

const STYLE = `
:root { color-scheme: light dark; --bad: #c62828; --warn: #b26a00; --note: #1565c0; --good: #2e7d32; --line: #8884; }
body { font: 15px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 75rem; padding: 0 1rem 3rem; }
header { border-bottom: 4px solid var(--good); margin-bottom: 1.5rem; }
header.fail, header.error { border-color: var(--bad); }
h1 { font-size: 1.5rem; margin-bottom: 0; }
h2 { font-size: 1.15rem; margin-top: 2rem; }
h3 { font-size: 1rem; margin: 0; overflow-wrap: anywhere; }
article { border-left: 4px solid var(--note); margin: 0 0 1rem; padding: .25rem 1rem; }
article.error { border-color: var(--bad); }
article.warning { border-color: var(--warn); }
article p { margin: .25rem 0; }
pre { background: #8881; overflow-x: auto; padding: .5rem; tab-size: 6; }
code, pre { font: 13px/1.45 ui-monospace, monospace; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border-bottom: 1px solid var(--line); padding: .25rem .75rem .25rem 0; text-align: left; vertical-align: top; }
`
