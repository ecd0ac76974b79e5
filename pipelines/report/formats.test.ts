import { readFileSync, writeFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { type FormatName, formats } from './formats.ts'
import { clean, context, hostile, several, single, thousands, unable } from './golden/samples.ts'
import { reportSchema } from './report.ts'

const extensions: Readonly<Record<FormatName, string>> = {
  terminal: 'txt',
  json: 'json',
  markdown: 'md',
  github: 'txt',
  sarif: 'json',
  junit: 'xml',
  html: 'html',
}
const samples = { clean, single, several, hostile, unable }

/** The file's text; with UPDATE=1 it is written first. */
const golden = (name: string, actual: string): string => {
  const file = new URL(`./golden/${name}`, import.meta.url)
  if (process.env['UPDATE'] === '1') writeFileSync(file, actual)
  return readFileSync(file, 'utf8')
}

const cases = Object.entries(formats).flatMap(([format, render]) =>
  Object.entries(samples).map(([sample, report]) => ({ format: format as FormatName, render, sample, report })),
)

test.each(cases)('$format renders $sample as its golden says', ({ format, render, sample, report }) => {
  const actual = render(report, context)
  expect(actual).toBe(golden(`${sample}.${format}.${extensions[format]}`, actual))
})

test('a terminal with colours shows them', () => {
  const actual = formats.terminal(several, { ...context, color: true })
  expect(actual).toBe(golden('several.terminal.ansi', actual))
})

test.each(Object.entries({ ...samples, thousands }))('the sample %s is a report of schema 1', (_, report) => {
  expect(reportSchema.parse(report)).toEqual(report)
})

test.each(Object.entries(formats))(
  '%s is the same to the byte whatever the order of the findings',
  (format, render) => {
    const turned = { ...several, findings: several.findings.toReversed() }
    expect(render(turned, context) === render(several, context)).toBe(format !== 'json')
    expect(render(several, context)).toBe(render(several, context))
  },
)

test('the page runs nothing and fetches nothing, whatever stands in the report', () => {
  for (const report of Object.values(samples)) {
    const page = formats.html(report, context)
    expect(page.match(/<(?:script|img|link|iframe|object|form|svg)\b|\son\w+=|javascript:/gi)).toBe(null)
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`)
  }
})

test('code scanning is given no more results than it takes, the worst first', () => {
  const many = { ...thousands, findings: Array.from({ length: 9 }, () => thousands.findings).flat() }
  const { runs } = JSON.parse(formats.sarif(many, context)) as { runs: { results: { level: string }[] }[] }
  const levels = runs[0]!.results.map(({ level }) => ['error', 'warning', 'note'].indexOf(level))
  expect(levels.length).toBe(Math.min(many.findings.length, 25_000))
  expect(levels).toEqual(levels.toSorted((a, b) => a - b))
})
