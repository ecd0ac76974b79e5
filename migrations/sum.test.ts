import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { migrationsSettings } from './settings.ts'
import { compareSum, sumMessage, writeSum } from './sum.ts'

const settings = migrationsSettings.parse({ dir: 'sql', exclude: ['old_*'] })

async function directory(files: Readonly<Record<string, string>>): Promise<string> {
  const root = await mkdtemp(join(tmpdir(), 'landfall-sum-'))
  onTestFinished(() => rm(root, { recursive: true, force: true }))
  await mkdir(join(root, 'sql'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, 'sql', name), text)
  return root
}

const two = { '0001_a.up.sql': 'select 1;\n', '0001_a.down.sql': 'select 2;\n' }

test('the file names its algorithm, then has a total, then a line a file in the order of names', async () => {
  const root = await directory({ ...two, 'old_x.sql': 'select 3;', 'README.md': 'hello' })
  expect(await writeSum(root, settings)).toBe('sql/landfall.sum')
  expect((await readFile(join(root, 'sql/landfall.sum'), 'utf8')).split('\n')).toEqual([
    '# h1: base64 of the SHA-256 of the UTF-8 text, without a byte-order mark, line ends as \\n; first that of the lines below',
    'h1:yJb98wcU3PDRnTzf858Rm2YVpqTPcV0mFpbZN1hQKOY=',
    '0001_a.down.sql h1:rEOWze4Cldsn+BbcMRNBiZmdAHFmPmGPSVe8I+21hNc=',
    '0001_a.up.sql h1:SkUJLM+ZLqkiUAU6gLkxt4eSS6YWSPQgVVURuE8Qq2w=',
    '',
  ])
  expect(await compareSum(root, settings)).toEqual([])
})

test('what was edited, added, removed, or written into the file itself is found at its line; line ends are nothing', async () => {
  const root = await directory(two)
  expect(await compareSum(root, settings)).toBeNull()
  await writeSum(root, settings)
  await writeFile(join(root, 'sql/0001_a.up.sql'), '\uFEFFselect 1;\r\n')
  expect(await compareSum(root, settings)).toEqual([])
  await writeFile(join(root, 'sql/0001_a.up.sql'), 'select 10;\n')
  await rm(join(root, 'sql/0001_a.down.sql'))
  await writeFile(join(root, 'sql/0002 b.up.sql'), 'select 2;\n')
  const differences = (await compareSum(root, settings))!
  expect(differences.map((difference) => `${difference.line} ${sumMessage(difference)}`)).toEqual([
    '3 0001_a.down.sql is in landfall.sum, and there is no such file',
    '4 0001_a.up.sql is not what landfall.sum says',
    '1 0002 b.up.sql is not in landfall.sum',
  ])
  await writeSum(root, settings)
  expect(await compareSum(root, settings)).toEqual([])
  const file = join(root, 'sql/landfall.sum')
  await writeFile(file, (await readFile(file, 'utf8')).replace(/^h1:..../m, 'h1:AAAA'))
  expect(await compareSum(root, settings)).toEqual([{ file: 'landfall.sum', what: 'total', line: 2 }])
})
