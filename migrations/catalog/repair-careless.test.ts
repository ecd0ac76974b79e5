import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { compareCatalogs } from './compare.ts'
import { readCatalog, readWithin } from './read.ts'
import { repairStatements } from './repair.ts'

const BASE = `
create type mood as enum ('sad', 'it''s fine');
create domain email as text not null check (value like '%@%');
create sequence counter increment 5;
create table "Odd name" (
  id bigint generated always as identity primary key,
  "the mood" mood not null default 'sad',
  mail email,
  total numeric(10, 2) default 0 check (total >= 0),
  doubled numeric generated always as (total * 2) stored,
  tags text[] not null default '{}',
  unique (mail, total)
);
create table child (parent bigint references "Odd name" on delete cascade, note varchar(20));
create index child_note on child (lower(note)) where note is not null;
comment on column child.note is 'it''s a note';
create view sums as select sum(total) as total from "Odd name";
create function twice(int) returns int language sql immutable return $1 * 2;
create trigger same before update on child for each row execute function suppress_redundant_updates_trigger();
create table guarded (id serial primary key, owner text not null, unique (owner));
comment on table guarded is 'guarded';
alter table guarded enable row level security;
create policy own on guarded as restrictive for update using (owner = current_user) with check (owner <> 'root');
create policy seen on guarded for select using (true);
create statistics child_stats (ndistinct) on parent, note from child;
`

/** What a careless down script left behind, by name. */
const careless: Record<string, string> = {
  'a dropped column': 'alter table child drop column note',
  'a dropped column that has a default and quotes': 'alter table "Odd name" drop column "the mood"',
  'a dropped identity column':
    'alter table child drop constraint child_parent_fkey; alter table "Odd name" drop column id',
  'a generated column': 'alter table "Odd name" drop column doubled',
  'an array column': 'alter table "Odd name" drop column tags',
  'a default': 'alter table "Odd name" alter total drop default',
  'another default': 'alter table "Odd name" alter total set default 5',
  'not null': 'alter table "Odd name" alter tags drop not null',
  'a type': 'alter table child alter note type text',
  'an extra column': 'alter table child add extra int',
  'an extra table': 'create table extra (id serial primary key, other int references extra)',
  'an extra constraint': 'alter table child add constraint long check (length(note) > 3)',
  'a check': 'alter table "Odd name" drop constraint "Odd name_total_check"',
  'a foreign key': 'alter table child drop constraint child_parent_fkey',
  'a weaker foreign key':
    'alter table child drop constraint child_parent_fkey, add constraint child_parent_fkey foreign key (parent) references "Odd name"',
  'an index': 'drop index child_note',
  'another index': 'drop index child_note; create index child_note on child (note)',
  'a table': 'drop table child',
  'a view': 'drop view sums',
  'another view': 'create or replace view sums as select max(total) as total from "Odd name"',
  'a function': 'drop function twice',
  'another function': 'create or replace function twice(int) returns int language sql volatile return $1 + $1',
  'an extra function': 'create function thrice(int, text) returns int language sql return $1 * 3',
  'a trigger': 'drop trigger same on child',
  statistics: 'drop statistics child_stats',
  'an extra type': "create type other as enum ('a'); create domain short as varchar(3)",
  'an extra schema': 'create schema other; create table other.t (n int)',
  'a comment': "comment on column child.note is 'another'",
  'a comment that is gone': 'comment on column child.note is null',
  'a table with all that belongs to one': 'drop table guarded',
  'tables that refer to each other': 'drop table child, "Odd name" cascade',
  'extra tables that refer to each other':
    'create table x (id int primary key, y int); create table y (id int primary key references x); alter table x add foreign key (y) references y',
  'a serial column': 'alter table guarded drop column id',
  'a sequence that a column owns': 'alter table guarded alter id drop default; drop sequence guarded_id_seq',
  'a policy': 'drop policy own on guarded',
  'another policy': "alter policy own on guarded using (owner = 'x')",
  'an extra sequence': 'create sequence other_counter',
}

test('the SQL that a down lacks restores the catalog, whatever it forgot', async () => {
  await using db = await freshDatabase()
  await db.sql.unsafe(BASE)
  const before = (await readCatalog(db.sql)).objects
  const rolledBack = new Error('each case is rolled back')
  const outcomes: Record<string, unknown> = {}
  for (const [name, down] of Object.entries(careless)) {
    await db.sql
      .begin(async (tx) => {
        await tx.unsafe(down)
        const lacks = repairStatements(compareCatalogs(before, await readWithin(tx)), before)
        await tx.unsafe(lacks.join('\n'))
        const left = compareCatalogs(before, await readWithin(tx)).filter(({ cosmetic }) => !cosmetic)
        outcomes[name] = { found: lacks.length > 0, left: left.map(({ kind, name: of, change }) => [kind, of, change]) }
        throw rolledBack
      })
      .catch((error: unknown) => {
        if (error !== rolledBack) outcomes[name] = error
      })
  }
  const restored = Object.fromEntries(Object.keys(careless).map((name) => [name, { found: true, left: [] }]))
  expect(outcomes).toEqual(restored)
})
