import { expect, test } from 'vitest'
import { LandfallError } from '../../migrations/error.ts'
import { parseReportTarget, parseReportTargets } from './target.ts'

const refusal = (values: readonly string[]): unknown => {
  try {
    return parseReportTargets(values)
  } catch (error) {
    return error instanceof LandfallError ? [error.kind, error.code, error.message, error.next] : error
  }
}

test('a format, with or without a file, whose name may hold "="', () => {
  expect(['json=report.json', 'markdown', 'github=a=b.txt'].map(parseReportTarget)).toEqual([
    { format: 'json', file: 'report.json' },
    { format: 'markdown', file: null },
    { format: 'github', file: 'a=b.txt' },
  ])
})

test('the terminal gets standard output unless something else claims it', () => {
  expect([[], ['json=r.json'], ['json'], ['terminal=t.txt']].map(parseReportTargets)).toEqual([
    [{ format: 'terminal', file: null }],
    [
      { format: 'terminal', file: null },
      { format: 'json', file: 'r.json' },
    ],
    [{ format: 'json', file: null }],
    [{ format: 'terminal', file: 't.txt' }],
  ])
})

test('what cannot be meant is a usage error with the way out', () => {
  expect(refusal(['jsonn=r.json'])).toEqual([
    'usage',
    'report/unknown-format',
    '--report jsonn=r.json: there is no format "jsonn"',
    'use one of terminal, json, markdown, github, sarif, junit, html',
  ])
  expect(refusal(['constructor'])).toMatchObject(['usage', 'report/unknown-format', {}, {}])
  expect(refusal(['json='])).toEqual([
    'usage',
    'report/no-file',
    '--report json=: the file name after "=" is empty',
    'write --report json=FILE, or --report json for standard output',
  ])
  expect(refusal(['json', 'markdown'])).toEqual([
    'usage',
    'report/place-taken',
    '--report json and markdown both go to standard output',
    'give one of them a file of its own, for example --report markdown=report-2.markdown',
  ])
  expect(refusal(['json=out/a', 'markdown=./out/a'])).toEqual([
    'usage',
    'report/place-taken',
    '--report json and markdown both go to out/a',
    'give one of them a file of its own, for example --report markdown=report-2.markdown',
  ])
})
