import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { lineOfOperation, tryParityFiles } from './load.ts'
import type { ParityFact } from './try-parity.ts'

async function trying(files: Record<string, string>, globs = ['*.parity.mjs']): Promise<ParityFact[]> {
  const root = await mkdtemp(join(tmpdir(), 'landfall-parity-'))
  for (const [name, text] of Object.entries(files)) await writeFile(join(root, name), text)
  const clone = () => Promise.reject(new Error('no database was asked for'))
  try {
    return await tryParityFiles({ root, globs, schema: 'public', clone, seed: 1, runs: 2 })
  } finally {
    await rm(root, { recursive: true })
  }
}

const same = `const store = () => ({ fresh: () => ({ list: async () => [] }) })
export default { implementations: { one: store, other: store }, operations: { list: [] } }
`

test('every file is tried, in the order of their names', async () => {
  const facts = await trying({ 'b.parity.mjs': same, 'a.parity.mjs': same, 'a.mjs': 'throw 1' })
  const fact = { names: ['one', 'other'], seed: 1, runs: 2, calls: 60, neverSucceeded: [], parting: null }
  expect(facts).toEqual([
    { file: 'a.parity.mjs', ...fact },
    { file: 'b.parity.mjs', ...fact },
  ])
})

test.for<[string, Record<string, string>, object]>([
  ['nothing matches', {}, { code: 'parity/no-files', message: 'no parity file matches *.parity.mjs' }],
  [
    'a file fails',
    { 'a.parity.mjs': '\nthrow new Error("oh")' },
    { code: 'parity/parity-fails', location: { file: 'a.parity.mjs', line: 2, column: 7 } },
  ],
  ['a file exports nothing', { 'a.parity.mjs': '' }, { code: 'parity/no-parity' }],
  [
    'a definition is wrong',
    { 'a.parity.mjs': 'export default { operations: {} }' },
    { code: 'parity/invalid', location: { file: 'a.parity.mjs', line: null, column: null } },
  ],
  [
    'an implementation lacks a method',
    { 'a.parity.mjs': same.replace('list: []', 'lst: []') },
    { code: 'parity/no-method', message: 'a.parity.mjs: an implementation has no method lst' },
  ],
])('a file that cannot be used is named: %s', async ([, files, error]) => {
  await expect(trying(files)).rejects.toMatchObject({ kind: 'usage', ...error })
})

test('an operation is found in its file', () => {
  const text = "const drafts = {\n  tasks: 1,\n}\nexport default define({\n  'users.get': [],\n})\n"
  expect(['users.get', 'tasks.create', 'notes.list'].map((operation) => lineOfOperation(text, operation))).toEqual([
    5, 2, 4,
  ])
})
