import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { compareCatalogs, verdictOf } from './compare.ts'
import { readCatalog } from './read.ts'
import { repairStatements } from './repair.ts'

/** What stands after `script`, compared with what `setup` made: the verdict, a line a difference, and whether the repair restores it. */
async function judged(setup: string, script: string): Promise<{ verdict: string; lines: string[]; restored: boolean }> {
  await using db = await freshDatabase()
  await db.sql.unsafe(setup)
  const { objects: expected } = await readCatalog(db.sql)
  await db.sql.unsafe(script)
  const differences = compareCatalogs(expected, (await readCatalog(db.sql)).objects)
  for (const statement of repairStatements(differences, expected)) await db.sql.unsafe(statement)
  const rest = compareCatalogs(expected, (await readCatalog(db.sql)).objects)
  return {
    verdict: verdictOf(differences),
    lines: differences.map(({ change, kind, name, fields }) => [change, kind, name, ...fields].join(' ')),
    restored: verdictOf(rest) !== 'schema',
  }
}

const body = (text: string): string => `create or replace function f() returns int language plpgsql as $$${text}$$;`

test.each([
  [
    'layout of a body',
    body('begin return 1; end'),
    body('begin\n  -- one\n  return 1;\nend'),
    'cosmetic',
    ['changed function public.f() definition'],
  ],
  [
    'a literal in a body',
    body("begin return length('a'); end"),
    body("begin return length('a '); end"),
    'schema',
    ['changed function public.f() definition'],
  ],
  [
    'order of columns',
    'create table a (x int, y int)',
    'alter table a drop x, add x int',
    'cosmetic',
    ['changed column public.a.x position', 'changed column public.a.y position'],
  ],
  [
    'generated names',
    'create table a (x int check (x > 0))',
    'alter table a drop constraint a_x_check; alter table a add constraint a_check1 check (x > 0)',
    'cosmetic',
    ['renamed constraint public.a.a_x_check name'],
  ],
  [
    'a name of one’s own',
    'create table a (x int constraint mine check (x > 0))',
    'alter table a rename constraint mine to yours',
    'schema',
    ['renamed constraint public.a.mine name'],
  ],
  [
    'a renamed column',
    'create table a (old int); create index i on a (old)',
    'alter table a rename old to new',
    'schema',
    ['renamed column public.a.old name'],
  ],
  [
    'a renamed table',
    'create table a (id int primary key); create table b (a int references a); create view v as select id from a',
    'alter table a rename to z',
    'schema',
    ['renamed table public.a name'],
  ],
  [
    'a dropped table',
    'create table a (id serial primary key, t text not null); create index i on a (t); comment on column a.t is $$x$$; grant select on a to public',
    'drop table a',
    'schema',
    ['missing table public.a'],
  ],
  [
    'tables that need one another',
    'create table a (id int primary key, b int); create table b (id int primary key, a int references a); alter table a add foreign key (b) references b',
    'drop table a, b cascade',
    'schema',
    ['missing table public.a', 'missing table public.b'],
  ],
  [
    'views on views',
    'create view a as select 1 as x; create view z as select * from a; create view b as select * from z',
    'drop view a cascade',
    'schema',
    ['missing view public.a', 'missing view public.b', 'missing view public.z'],
  ],
  [
    'a label too many',
    "create type mood as enum ('a', 'b'); create table t (m mood default 'a')",
    "alter type mood add value 'c'",
    'schema',
    ['changed enum public.mood labels'],
  ],
  [
    'order of labels',
    "create type mood as enum ('a', 'b')",
    "drop type mood; create type mood as enum ('b', 'a')",
    'schema',
    ['changed enum public.mood labels'],
  ],
] as const)('%s', async (_, setup, script, verdict, lines) => {
  expect(await judged(setup, script)).toEqual({ verdict, lines, restored: true })
})
