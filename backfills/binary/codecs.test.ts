import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { codecDisagreements } from '../../fixtures/backfills/codec-disagreement.ts'
import { TYPES } from '../../fixtures/backfills/typed-values.ts'
import { readTarget } from '../target.ts'
import { RowBuffer } from './row-buffer.ts'

test('the bytes of a value are those that the server sends of the same text, for every type', async () => {
  expect(await codecDisagreements(200)).toEqual([])
})

test('what only the server can judge is left to it', async () => {
  await using database = await freshDatabase()
  const { sql } = database
  await sql.unsafe(`${TYPES}; create table samples (id integer primary key, n numeric(12,2), at timestamptz, day date, name text, small smallint, doc jsonb,
    code char(3), short timestamptz(3), span interval, grid integer[], u uuid, f double precision)`)
  const { columns } = await readTarget(sql, 'public', { table: 'samples', key: null }, 'test')
  const known = (name: string, value: unknown) => columns.get(name)!.codec?.(new RowBuffer(), value) ?? null
  expect([...columns.values()].filter(({ codec }) => codec === null).map(({ name }) => name)).toEqual([
    'code',
    'short',
    'span',
  ])
  const left: [string, unknown][] = [
    ['id', 1.5],
    ['id', 2 ** 31],
    ['id', ' 1'],
    ['id', '1e3'],
    ['small', 32_768],
    ['n', '1.005'],
    ['n', 'NaN'],
    ['n', 1e21],
    ['at', '2024-02-30T00:00:00Z'],
    ['at', '2024-01-01T00:00:00'],
    ['at', '2024-01-01T00:00:00.1234567Z'],
    ['at', 'now'],
    ['at', '2024-01-01'],
    ['at', '2024-01-01T24:00:00Z'],
    ['at', new Date(Number.NaN)],
    ['day', '2023-02-29'],
    ['day', '01/02/2024'],
    ['name', 'a\0b'],
    ['name', '\ud800'],
    ['name', 5],
    ['doc', new Map()],
    ['doc', { toJSON: () => 1 }],
    ['doc', { at: new Date(0) }],
    ['grid', [[1], [2]]],
    ['grid', '{1}'],
    ['u', 'no'],
    ['f', '1'],
  ]
  expect(left.filter(([name, value]) => known(name, value) !== false)).toEqual([])
})
