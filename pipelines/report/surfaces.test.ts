import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formats } from './formats.ts'
import { context, hostile, single, thousands } from './golden/samples.ts'

test('a comment of 5,000 findings stays below the limit, says what is missing and keeps its end', () => {
  const text = formats.markdown(thousands, context)
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(65_000)
  expect(text.length).toBeGreaterThan(55_000)
  const rows = text.split('\n').filter((line) => line.startsWith('| ❌') || line.startsWith('| ⚠️')).length
  const fixes = text.match(/^```sql$/gm)?.length ?? 0
  expect(text.match(/^_.*not shown here_$/gm)).toEqual([
    `_${5000 - rows} more rows not shown here_`,
    `_How to fix (5000): ${5000 - fixes} more fixes not shown here_`,
  ])
  expect(text.endsWith(`[The whole report](${context.runUrl})\n`)).toBe(true)
})

test('annotations stop at ten a level, and one notice counts the others', () => {
  const lines = formats.github(thousands, context).trimEnd().split('\n')
  expect([
    lines.filter((line) => line.startsWith('::error ')).length,
    lines.filter((line) => line.startsWith('::warning ')).length,
    lines.filter((line) => line.startsWith('::notice ')),
    lines.length,
  ]).toEqual([10, 10, ['::notice title=landfall::4980 more findings are in the report and the step summary'], 22])
})

test('a file outside the repository is named in the message, since it cannot be annotated', () => {
  const [finding] = hostile.findings
  const outside = {
    ...hostile,
    checks: [],
    findings: [{ ...finding!, message: 'm', location: { file: '/tmp/a.sql', line: 3, column: 1 } }],
  }
  expect(formats.github(outside, context).split('\n')[0]).toMatch(/^::error title=[^,]*::\/tmp\/a\.sql:3:1: m%0A/)
})

test('no line of a hostile report begins a command of the GitHub runner', () => {
  for (const text of [formats.terminal(hostile, context), formats.terminal(hostile, { ...context, color: true })]) {
    expect(text.split('\n').filter((line) => /^\s*::|##\[/.test(line))).toEqual([])
  }
  const commands = formats
    .github(hostile, context)
    .split('\n')
    .filter((line) => line.trimStart().startsWith('::'))
  expect(commands.map((line) => line.split(' ')[0])).toEqual(['::error', '::error'])
})

test('thousands of findings on a terminal are shown twenty a rule, and the rest is counted', () => {
  const lines = formats.terminal(thousands, context).split('\n')
  expect(lines.filter((line) => line.startsWith('  • ')).length).toBe(40)
  expect(lines.filter((line) => line.startsWith('  … '))).toEqual([
    '  … and 3313 more of this rule: --report json has them all',
    '  … and 1647 more of this rule: --report json has them all',
  ])
})

test('a bigint in a report is written as a number, or as a string when it is none', () => {
  const odd = { ...hostile, durationMs: 5n, exitCode: 2n ** 60n } as unknown as typeof hostile
  const { durationMs, exitCode } = JSON.parse(formats.json(odd, context)) as { durationMs: unknown; exitCode: unknown }
  expect([durationMs, exitCode]).toEqual([5, '1152921504606846976'])
})

const piece = fc.constantFrom(
  '::',
  'error',
  '##[',
  '\u001b[31m',
  '\r',
  '\n',
  '|',
  '`',
  '```',
  '<',
  '>',
  '<!-- landfall:drift -->',
  '@all',
  '\\',
  '%0A',
  ',',
  ':',
  '$',
  ' ',
  'é',
)
const text = fc.array(piece, { minLength: 1, maxLength: 8 }).map((pieces) => pieces.join(''))

test('no text of a finding breaks out of any format', () => {
  fc.assert(
    fc.property(text, text, text, text, (message, rule, file, fix) => {
      const [finding] = single.findings
      const location = { file, line: 1, column: 1 }
      const odd = {
        ...finding!,
        rule,
        message,
        why: message,
        system: message,
        location,
        other: location,
        fix: { sql: fix, typescript: fix },
      }
      const report = { ...single, findings: [odd] }

      const screen = formats.terminal(report, context)
      // eslint-disable-next-line no-control-regex -- controls are what it is about
      expect(screen).not.toMatch(/^\s*::|##\[|[\u0000-\u0008\u000b-\u001f]/m)

      const lines = formats.github(report, context).trimEnd().split('\n')
      expect(lines.map((line) => /^(::error |landfall gate: )/.test(line))).toEqual([true, true])

      const page = formats.markdown(report, context)
      const table = page.split('\n\n').find((part) => part.startsWith('|  | where'))
      expect(table?.split('\n').map((line) => line.replace(/\\./g, '').split('|').length)).toEqual([6, 6, 6])
      const outside = page
        .replace(/^(`{3,})[a-z]+\n[^]*?\n\1$/gm, '')
        .replace(/\\.|(?<!`)(`+)(?!`)[^\n]*?(?<!`)\1(?!`)/g, '')
      expect(outside.match(/<!--|<(?!\/?(?:details|summary|br|code)>)/g)).toEqual(['<!--'])
    }),
    { numRuns: 300 },
  )
})
