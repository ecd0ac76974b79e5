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
