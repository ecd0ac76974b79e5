import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { clean, context, thousands } from './golden/samples.ts'
import { markdownWithin } from './markdown.ts'
import { appendStepSummary } from './step-summary.ts'

const limit = 1024 * 1024
let directory = ''
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'landfall-summary-'))
})
afterAll(() => rm(directory, { recursive: true }))

test('a summary is appended to what the step said before', async () => {
  const file = join(directory, 'two.md')
  expect([await appendStepSummary(file, clean, context), await appendStepSummary(file, clean, context)]).toEqual([
    true,
    true,
  ])
  const one = markdownWithin(limit)(clean, context)
  expect(await readFile(file, 'utf8')).toBe(`${one}\n${one}`)
})

test('5,000 findings stay below 1 MiB together with what is there', async () => {
  const file = join(directory, 'big.md')
  await writeFile(file, 'x'.repeat(500_000))
  expect(await appendStepSummary(file, thousands, context)).toBe(true)
  const { length } = await readFile(file)
  expect([length > 1_000_000, length <= limit]).toEqual([true, true])
})

test('a full summary is left as it is', async () => {
  const file = join(directory, 'full.md')
  await writeFile(file, 'x'.repeat(limit - 100))
  expect([await appendStepSummary(file, clean, context), (await readFile(file)).length]).toEqual([false, limit - 100])
})

test('a summary that cannot be written is an environment error', async () => {
  const file = join(directory, 'missing', 'summary.md')
  await expect(appendStepSummary(file, clean, context)).rejects.toMatchObject({
    kind: 'environment',
    code: 'github/step-summary',
  })
})
