import { expect, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { readTexts } from '../fixtures/migration-directory.ts'
import { migrateDown, migrateStatus, migrateUp } from './runner.ts'

test('a repeatable migration runs last, again whenever its text changes, and is no hindrance otherwise', async () => {
  await using db = await freshDatabase()
  const target = async (view: string) => {
    const texts = {
      'V1.9__a.sql': 'create table a ();',
      'U1.9__a.sql': 'drop table a;',
      'V1.10__b.sql': 'create table b ();',
      'U1.10__b.sql': 'drop table b;',
      'R__v.sql': `create or replace view v as select '${view}' as answer;`,
    }
    const { migrations } = await readTexts(texts)
    return { url: db.url, system: 'app', schema: 'public', migrations, lockWaitMs: 1000 }
  }
  const up = async (view: string) => {
    const { done, failed } = await migrateUp(await target(view))
    return [done.map(({ version }) => version), failed]
  }
  const status = async (view: string) =>
    (await migrateStatus(await target(view))).map(({ version, state }) => [version, state])

  expect(await up('one')).toEqual([['1.9', '1.10', 'R__v'], null])
  expect(await up('one')).toEqual([[], null])
  expect(await status('two')).toEqual([
    ['1.9', 'applied'],
    ['1.10', 'applied'],
    ['R__v', 'pending'],
  ])
  expect(await up('two')).toEqual([['R__v'], null])
  expect([...(await db.sql`select answer from v`)]).toEqual([{ answer: 'two' }])
  expect(await status('two')).toEqual([
    ['1.9', 'applied'],
    ['1.10', 'applied'],
    ['R__v', 'applied'],
  ])
  await expect(migrateDown(await target('two'), { count: 1 })).resolves.toMatchObject({
    done: [{ version: '1.10' }],
    failed: null,
  })
})

test('two migrations of one version are refused before anything runs', async () => {
  await using db = await freshDatabase()
  const { migrations } = await readTexts({
    '1_a.up.sql': 'create table a ();',
    '1_a.down.sql': 'drop table a;',
    '01_b.up.sql': 'create table b ();',
    '01_b.down.sql': 'drop table b;',
  })
  const target = { url: db.url, system: 'app', schema: 'public', migrations, lockWaitMs: 1000 }
  await expect(migrateUp(target)).rejects.toMatchObject({
    kind: 'usage',
    message: 'app has two migrations of version 01; the history knows one migration by its version',
    location: { file: 'm/01_b.up.sql' },
  })
  expect([...(await db.sql`select relname from pg_class where relname in ('a', 'b')`)]).toEqual([])
})
