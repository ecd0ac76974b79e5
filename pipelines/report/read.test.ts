import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LandfallError } from '../../migrations/error.ts'
import { formats } from './formats.ts'
import { context, hostile, several } from './golden/samples.ts'
import { readReport } from './read.ts'

let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'landfall-read-'))
})
afterAll(() => rm(directory, { recursive: true }))

const file = async (text: string): Promise<string> => {
  const path = join(directory, 'report.json')
  await writeFile(path, text)
  return path
}

const refusal = (path: string): Promise<unknown> =>
  readReport(path).catch((error: unknown) =>
    error instanceof LandfallError ? [error.kind, error.code, error.message.replaceAll(directory, 'DIR')] : error,
  )

test.each(Object.entries({ several, hostile }))('what the json format wrote is read back: %s', async (_, report) => {
  expect(await readReport(await file(formats.json(report, context)))).toEqual(report)
})

test('keys of a later version are passed over', async () => {
  expect(await readReport(await file(JSON.stringify({ ...several, later: 1 })))).toEqual(several)
})

test('what is no report is one clear usage error', async () => {
  expect(await refusal(join(directory, 'none.json'))).toEqual([
    'usage',
    'report/unreadable',
    `DIR/none.json cannot be read: ENOENT: no such file or directory, stat 'DIR/none.json'`,
  ])
  expect(await refusal(directory)).toEqual(['usage', 'report/unreadable', 'DIR is not a file'])
  expect(await refusal(await file('{'))).toMatchObject([
    'usage',
    'report/unreadable',
    expect.stringContaining('DIR/report.json is not JSON: '),
  ])
  expect(await refusal(await file(JSON.stringify({ ...several, schema: 2, verdict: 'maybe' })))).toEqual([
    'usage',
    'report/unreadable',
    'DIR/report.json is not a report of schema 1:\n✖ Invalid input: expected 1\n  → at schema\n✖ Invalid option: expected one of "pass"|"fail"|"error"\n  → at verdict',
  ])
  expect(await refusal(await file('{}'))).toMatchObject([{}, {}, expect.stringMatching(/\n… and \d+ more$/)])
})
