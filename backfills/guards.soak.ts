import { execFile } from 'node:child_process'
import { cp, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from 'vitest'

const REPOSITORY = fileURLToPath(new URL('..', import.meta.url))
const TESTS = ['rollback', 'rollback-beside-others', 'column-backfill', 'run', 'interrupted-run'].map(
  (name) => `backfills/${name}.test.ts`,
)

/** Every guard of the rollback and of the before-images, and the code without it. */
const guards: readonly [guard: string, file: string, code: string, without: string][] = [
  ['the row was written last by the batch', 'journal', 't.xmin = ${batch}.xid::xid and', ''],
  ['a number of a transaction is of this epoch', 'journal', 'between 0 and 2147483647', 'is not null'],
  [
    'rows that stand at the end are those of these keys',
    'journal',
    '= $10::text[]',
    'is not null or $10::text[] is null',
  ],
  [
    'every row is untouched, says the look before',
    'undo',
    'return Number(row!.n) === batch.n',
    'return row !== undefined',
  ],
  ['every row is untouched, says the undoing', 'undo', 'return count === batch.n', 'return count >= 0'],
  ['the row has the hash of what was written', 'undo', '= e.row_hash`', 'is not null`'],
  ['equal hashes clear a false alarm', 'undo', " or (${same.join(' and ')})", ''],
  ['the key is the same to the character', 'undo', "`${keyOf(target, 't')} = e.key`,", ''],
  ['a column that came later is empty', 'undo', '...later.map((name) => `t.${identifier(name)} is null`),', ''],
  ['a row that is gone may have another key', 'undo', 'gone > 0 ?', 'gone > 1e9 ?'],
  [
    'a later run wrote the row',
    'undo',
    '...changed, ...moved, ...laterRuns, ...referenced',
    '...changed, ...moved, ...referenced',
  ],
  [
    'rows refer to the row, says the look before',
    'undo',
    'if (await isUntouched(sql, batch)) return { writes: referenced, gone: 0 }',
    'if (await isUntouched(sql, batch)) return { writes: [], gone: 0 }',
  ],
  ['rows of the same run are no reference', 'undo', "where $5::text <> '' ${notOfThisRun}", "where $5::text <> ''"],
  [
    'what a delete would harm is looked for under the lock',
    'undo',
    'HARMFUL.has(onDelete)',
    'onDelete === HARMFUL.size.toString()',
  ],
  [
    'rows are locked before they are looked at one by one',
    'rollback',
    'for (const batch of batches) {\n      await lockRows(tx, batch)\n      const found',
    'for (const batch of batches) {\n      const found',
  ],
  ['another process took the rollback over', 'rollback', 'if (count === 0) throw alreadyRunning(run.name)', ''],
  [
    'nothing is undone after a look that found something',
    'rollback',
    "if (options.laterWrites === 'refuse' && plan.laterWrites.length > 0)",
    'if (plan.batches < 0)',
  ],
  [
    'what came in after the look stops the rollback',
    'rollback',
    "if (laterWrites === 'refuse' && found.writes.length > 0)",
    'if (found.gone < 0)',
  ],
  [
    'a batch is undone once',
    'rollback',
    'set undone_at = clock_timestamp() where run_id',
    'set undone_at = null where run_id',
  ],
  ['rows are locked before their before-image is taken', 'writer', ' for no key update of t`', '`'],
  [
    'a row that changed since it was read is read again',
    'writer',
    'const records = ownRows ? await this.#refreshed(batch) : batch.records',
    'const records = batch.records',
  ],
]

let copy: string
beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'landfall-guards-'))
  for (const name of [
    'backfills',
    'checks',
    'fixtures',
    'migrations',
    'pipelines',
    'package.json',
    'tsconfig.json',
    'vitest.config.ts',
  ])
    await cp(join(REPOSITORY, name), join(copy, name), { recursive: true })
  await symlink(join(REPOSITORY, 'node_modules'), join(copy, 'node_modules'))
})
afterAll(() => rm(copy, { recursive: true, force: true }))

/** Whether the tests pass in the copy. */
const passes = (): Promise<boolean> =>
  promisify(execFile)(process.execPath, ['node_modules/vitest/vitest.mjs', 'run', '--bail', '1', ...TESTS], {
    cwd: copy,
    timeout: 240_000,
  }).then(
    () => true,
    () => false,
  )

test('the tests pass with every guard in its place', async () => {
  expect(await passes()).toBe(true)
})

test.for(guards)('without this guard a test fails: %s', async ([, file, code, without]) => {
  const path = join(copy, 'backfills', `${file}.ts`)
  const original = await readFile(path, 'utf8')
  expect(original.split(code)).toHaveLength(2)
  await writeFile(
    path,
    original.replace(code, () => without),
  )
  try {
    expect(await passes()).toBe(false)
  } finally {
    await writeFile(path, original)
  }
})
