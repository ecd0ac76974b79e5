import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { sqlite } from './sqlite.ts'

let root: string
const place = () => ({ root, url: '', schema: '' })
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'landfall-sqlite-'))))
afterAll(() => rm(root, { recursive: true }))

test('rows come in the order of their key, with every digit and byte, and go on behind any of them', async () => {
  const database = new DatabaseSync(join(root, 'f.db'))
  database.exec(
    `pragma journal_mode = wal; create table "it's ""x""" (a text, b integer, data blob, n real, primary key (a, b)) without rowid`,
  )
  const insert = database.prepare(`insert into "it's ""x""" values (?, ?, ?, ?)`)
  insert.run('b', 1, null, 1.5)
  insert.run('a', 9007199254740993n, Buffer.from([0, 255]), null)
  insert.run('a', 2, null, -0.25)
  const source = sqlite('f.db', `it's "x"`)
  const before = await source.identity(place())
  const records = (await Array.fromAsync(source.read(place()))).flat()
  expect(records.map(({ position, raw }) => [position.record, raw])).toEqual([
    [1, { a: 'a', b: 2, data: null, n: -0.25 }],
    [2, { a: 'a', b: 9007199254740993n, data: new Uint8Array([0, 255]), n: null }],
    [3, { a: 'b', b: 1, data: null, n: 1.5 }],
  ])
  for (const [n, { end }] of records.entries())
    expect((await Array.fromAsync(source.read(place(), end))).flat()).toEqual(records.slice(n + 1))
  expect(await source.identity(place())).toEqual(before)
  const descending = sqlite('f.db', `it's "x"`, { descending: ['n'] })
  const others = (await Array.fromAsync(descending.read(place()))).flat().map(({ raw }) => (raw as { n: unknown }).n)
  expect(others).toEqual([1.5, -0.25, null])
  insert.run('c', 1, null, 0) // it stands in the write-ahead log
  expect((await source.identity(place())).hash).not.toBe(before.hash)
  database.close()
})

test('what is no database, no table or no file is a usage error', async () => {
  await writeFile(join(root, 'no.db'), 'this is a text, and a long one: '.repeat(100))
  for (const [path, name, code] of [
    ['no.db', 't', 'backfills/source-unreadable'],
    ['f.db', 'nothing', 'backfills/source-table'],
    ['none.db', 't', 'backfills/source-missing'],
  ] as const)
    await expect(Array.fromAsync(sqlite(path, name).read(place()))).rejects.toMatchObject({ kind: 'usage', code })
  const unknown = sqlite('f.db', `it's "x"`, { descending: ['m'] })
  await expect(Array.fromAsync(unknown.read(place()))).rejects.toMatchObject({ kind: 'usage' })
})
