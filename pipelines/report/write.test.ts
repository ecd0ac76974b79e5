import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { LandfallError } from '../../migrations/error.ts'
import { formats } from './formats.ts'
import { clean, context, single } from './golden/samples.ts'
import { parseReportTargets } from './target.ts'
import { checkReportTargets, writeReports } from './write.ts'

let cwd = ''
beforeAll(async () => {
  cwd = await mkdtemp(join(tmpdir(), 'landfall-reports-'))
})
afterAll(() => rm(cwd, { recursive: true }))

const refusal = async (act: () => unknown): Promise<unknown> => {
  try {
    return await act()
  } catch (error) {
    return error instanceof LandfallError ? [error.kind, error.code, error.message, error.next] : error
  }
}

test('files get their format without colours, standard output gets the rest', async () => {
  const targets = parseReportTargets(['terminal', 'json=report.json', 'terminal=report.txt', 'markdown=report.md'])
  const stdout = await writeReports(single, targets, { ...context, color: true }, { cwd, summaryFile: null })
  const written = await Promise.all(
    ['report.json', 'report.txt', 'report.md'].map((file) => readFile(join(cwd, file), 'utf8')),
  )
  expect([stdout, ...written]).toEqual([
    formats.terminal(single, { ...context, color: true }),
    formats.json(single, context),
    formats.terminal(single, context),
    formats.markdown(single, context),
  ])
})

test('a target that cannot be kept is refused before the work begins', async () => {
  await mkdir(join(cwd, 'taken'))
  expect(await refusal(() => checkReportTargets(parseReportTargets(['json=out/report.json']), cwd))).toEqual([
    'usage',
    'report/unwritable',
    '--report json=out/report.json: out/report.json lies in a directory that does not exist',
    'create it first: mkdir -p out',
  ])
  expect(await refusal(() => checkReportTargets(parseReportTargets(['json=taken']), cwd))).toEqual([
    'usage',
    'report/unwritable',
    '--report json=taken: taken is a directory',
    'name a file in it, for example taken/report.json',
  ])
  expect(await refusal(() => checkReportTargets(parseReportTargets(['json=report.json', 'github']), cwd))).toBe(
    undefined,
  )
})

test('one file that cannot be written does not cost the others', async () => {
  const targets = parseReportTargets(['json=gone/report.json', 'markdown=kept.md'])
  expect(await refusal(() => writeReports(clean, targets, context, { cwd, summaryFile: null }))).toMatchObject([
    'usage',
    'report/unwritable',
    {},
    {},
  ])
  expect(await readFile(join(cwd, 'kept.md'), 'utf8')).toBe(formats.markdown(clean, context))
})

test('Markdown for the step summary is appended to it, anything else replaces its file', async () => {
  const summaryFile = join(cwd, 'summary.md')
  const places = { cwd, summaryFile }
  for (const report of [clean, single]) {
    await writeReports(report, parseReportTargets([`markdown=${summaryFile}`, 'json=last.json']), context, places)
  }
  expect(await readFile(summaryFile, 'utf8')).toBe(
    `${formats.markdown(clean, context)}\n${formats.markdown(single, context)}`,
  )
  expect(await readFile(join(cwd, 'last.json'), 'utf8')).toBe(formats.json(single, context))
})
