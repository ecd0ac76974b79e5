import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import type { CatalogObject } from './catalog.ts'
import { compareCatalogs, verdictOf } from './compare.ts'
import { readCatalog } from './read.ts'

const object = (
  kind: string,
  name: string,
  definition: CatalogObject['definition'] = {},
  rest: Partial<CatalogObject> = {},
): CatalogObject => ({
  kind,
  name,
  relation: null,
  definition,
  cosmetic: {},
  ...rest,
})
const column = (name: string, definition: CatalogObject['definition'], position = 1): CatalogObject =>
  object('column', `public.t.${name}`, definition, { relation: 'public.t', cosmetic: { position } })

const told = (before: CatalogObject[], after: CatalogObject[]): string[] =>
  compareCatalogs(before, after).map(({ kind, name, change, cosmetic, fields }) =>
    `${cosmetic ? 'cosmetic ' : ''}${change} ${kind} ${name} ${fields.join(',')}`.trimEnd(),
  )

test('a catalog is identical to itself, and one object more or less is always found', () => {
  const objects = fc.uniqueArray(
    fc.record({ kind: fc.constantFrom('table', 'view', 'function'), name: fc.string(), value: fc.jsonValue() }),
    { selector: ({ kind, name }) => `${kind} ${name}`, minLength: 1 },
  )
  fc.assert(
    fc.property(objects, fc.nat(), (list, at) => {
      const all = list.map(({ kind, name, value }) => object(kind, name, { value: value as string }))
      const without = all.toSpliced(at % all.length, 1)
      const one = all[at % all.length]!
      expect(compareCatalogs(all, structuredClone(all))).toEqual([])
      expect(told(all, without)).toEqual([`missing ${one.kind} ${one.name}`.trimEnd()])
      expect(told(without, all)).toEqual([`extra ${one.kind} ${one.name}`.trimEnd()])
    }),
  )
})

test('a change names the fields; column order alone is cosmetic', () => {
  expect(told([column('a', { type: 'int', notNull: true })], [column('a', { type: 'text', notNull: false })])).toEqual([
    'changed column public.t.a type,notNull',
  ])
  const moved = compareCatalogs([column('a', { type: 'int' }, 1)], [column('a', { type: 'int' }, 2)])
  expect([moved.length, moved[0]!.cosmetic, verdictOf(moved)]).toEqual([1, true, 'cosmetic'])
  expect([verdictOf([]), verdictOf(compareCatalogs([column('a', {})], []))]).toEqual(['none', 'schema'])
})

test('the parts of a table that is gone are not told one by one', () => {
  const table = object('table', 'public.t')
  expect(told([table, column('a', {}), column('b', {})], [])).toEqual(['missing table public.t'])
  expect(told([], [table, column('a', {})])).toEqual(['extra table public.t'])
  expect(told([table, column('a', {})], [table])).toEqual(['missing column public.t.a'])
})

test('a constraint that came back under another generated name is cosmetic; under a name that somebody gave it is not', async () => {
  await using db = await freshDatabase()
  const { sql } = db
  await sql.unsafe('create table t (a int check (a > 0), b int check (b > 0), constraint named check (a > b))')
  const before = (await readCatalog(sql)).objects
  await sql.unsafe('alter table t drop constraint t_a_check, add constraint t_check check (a > 0)')
  const generated = compareCatalogs(before, (await readCatalog(sql)).objects)
  expect([verdictOf(generated), generated.map(({ name }) => name)]).toEqual([
    'cosmetic',
    ['public.t.t_a_check', 'public.t.t_check'],
  ])
  await sql.unsafe('alter table t rename constraint named to "given name"')
  expect(verdictOf(compareCatalogs(before, (await readCatalog(sql)).objects))).toBe('schema')
})

test('names that need quotes, of several schemas, are kept apart', async () => {
  await using db = await freshDatabase()
  const { sql } = db
  await sql.unsafe('create schema "o.ther"; create table "o.ther".t (n int); create table t (n int, "n.x" int)')
  const before = (await readCatalog(sql)).objects
  await sql.unsafe('drop table "o.ther".t; alter table t drop column "n.x"')
  expect(told([...before], [...(await readCatalog(sql)).objects])).toEqual([
    'missing column public.t."n.x"',
    'missing table "o.ther".t',
  ])
})
