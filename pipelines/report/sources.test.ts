import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { renderContext, repositoryPrefix, sourceReader } from './sources.ts'

let root = ''
beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'landfall-sources-'))
  mkdirSync(join(root, 'config'))
  writeFileSync(join(root, 'config', 'a.sql'), 'select 1;\n')
  writeFileSync(join(root, 'outside.sql'), 'select 2;\n')
  symlinkSync(join(root, 'outside.sql'), join(root, 'config', 'link.sql'))
})
afterAll(() => rmSync(root, { recursive: true }))

const files = (): string[] => [
  'a.sql',
  '../outside.sql',
  join(root, 'outside.sql'),
  'link.sql',
  'none.sql',
  '.',
  '/proc/self/environ',
]

test('the sources of an own report may lie outside of the directory', () => {
  expect(
    files()
      .slice(0, -1)
      .map(sourceReader(join(root, 'config'), { confined: false })),
  ).toEqual(['select 1;\n', 'select 2;\n', 'select 2;\n', 'select 2;\n', null, null])
})

test('a report from elsewhere reads nothing outside of it', () => {
  expect(files().map(sourceReader(join(root, 'config'), { confined: true }))).toEqual([
    'select 1;\n',
    null,
    null,
    null,
    null,
    null,
    null,
  ])
})

test('a file is read once', () => {
  const read = sourceReader(root, { confined: true })
  const first = read('outside.sql')
  writeFileSync(join(root, 'outside.sql'), 'changed')
  expect([first, read('outside.sql')]).toEqual(['select 2;\n', 'select 2;\n'])
})

test('the prefix leads from the root of the checkout to the config', () => {
  expect([
    repositoryPrefix('/w/shop', '/w/shop/services/api'),
    repositoryPrefix('/w/shop', '/w/shop'),
    repositoryPrefix('/w/shop', '/elsewhere'),
    repositoryPrefix(null, '/w/shop'),
  ]).toEqual(['services/api', '', '', ''])
})

test('a rendering knows the sources, the prefix and the links of its run', () => {
  const event = { workspace: root, sourceUrl: 'https://github.test/blob/a', runUrl: null }
  const { readSource, ...rest } = renderContext({
    root: join(root, 'config'),
    event,
    color: true,
    width: 80,
    confined: true,
  })
  expect([readSource('a.sql'), rest]).toEqual([
    'select 1;\n',
    { color: true, width: 80, prefix: 'config', sourceUrl: 'https://github.test/blob/a', runUrl: null },
  ])
})
