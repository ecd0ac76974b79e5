import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { readCatalog } from '../../migrations/catalog/read.ts'
import { relationsOf, type Column, type Relation } from '../../migrations/catalog/relations.ts'
import { refuseNonsense } from './plausible.ts'

test('a catalog that contradicts itself is refused, and every real one passes', async () => {
  await using db = await freshDatabase()
  await db.sql.unsafe(`
    create domain code as text not null;
    create table parent (id int primary key, c code, n text not null, o text check (o is not null));
    create table child (extra int) inherits (parent);
    create table parts (id int not null, at date not null, primary key (id, at)) partition by range (at);
    create table part partition of parts for values from ('2026-01-01') to ('2027-01-01');
    create view seen as select id, n from parent;
    create type pair as (a int, b text);
    create table typed of pair (primary key (a));
    create table gen (id int generated always as identity primary key, twice int generated always as (id * 2) stored);`)
  const relations = relationsOf(await readCatalog(db.sql))
  expect(relations.map(({ name }) => name).toSorted()).toEqual([
    'child',
    'gen',
    'parent',
    'part',
    'parts',
    'seen',
    'typed',
  ])
  refuseNonsense(relations)

  const parent = relations.find(({ name }) => name === 'parent')!
  const said = (changed: Partial<Relation>): string | null => {
    try {
      refuseNonsense([{ ...parent, ...changed }])
      return null
    } catch (error) {
      return (error as Error).message.replace('drift: the catalog says nonsense: public.parent has ', '')
    }
  }
  const all = (change: Partial<Column>): Partial<Relation> => ({
    columns: parent.columns.map((column) => ({ ...column, ...change })),
  })
  expect([
    said(all({ notNull: false })),
    said(all({ notNull: true })),
    said(all({ name: 'x' })),
    said({ columns: parent.columns.filter(({ name }) => name !== 'id') }),
    said({}),
  ]).toEqual([
    'a primary key column id that may be null',
    'a column o that is not null by no constraint',
    'two columns of one name',
    'a constraint on a column id that it does not have',
    null,
  ])
})
