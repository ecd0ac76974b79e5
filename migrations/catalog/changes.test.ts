import { expect, test } from 'vitest'
import { testDatabases } from '../../fixtures/database.ts'
import type { CatalogObject } from './catalog.ts'
import { OBSERVING, READING, watchCatalog } from './changes.ts'
import { compareCatalogs } from './compare.ts'
import { readState } from './read.ts'

/** What people do to objects that others name, depend on, or are a part of. */
const SETUP = `
  create schema other;
  create type mood as enum ('sad', 'ok');
  create domain positive as int check (value > 0);
  create type pair as (a int, b text);
  create type span as range (subtype = int, multirange_type_name = spans);
  create function stamp() returns trigger language plpgsql as 'begin return new; end';
  create function twice(n int) returns int language sql immutable return n * 2;
  create table person (id bigint generated always as identity primary key, name text not null, mood mood default 'ok',
    moods mood[], size positive, two pair, during span, spent numeric check (spent > 0), doubled int generated always as (1 + 1) stored);
  create index person_name on person (lower(name)) where mood <> 'sad';
  create table pet (id int primary key, owner bigint references person (id), n int default twice(2));
  create view happy as select id, name, (two).a from person where mood = 'ok';
  create view happier as select * from happy;
  create materialized view sizes as select size from person;
  create unique index on sizes (size);
  create sequence counter; create table counted (n int default nextval('counter'));
  create trigger stamp before update on person for each row execute function stamp();
  alter table person enable row level security; create policy own on person using (name = current_user);
  create rule quiet as on delete to pet do instead nothing;
  create statistics person_stats on name, spent from person;
  create table log (at date, what text) partition by range (at); create index on log (what);
  create table log_1 partition of log for values from ('2020-01-01') to ('2021-01-01');
  create table log_2 (at date, what text);
  create table parent (a int); create table child (a int); create function about(c child) returns int language sql immutable return (c).a;
  comment on table person is 'people'; comment on column person.name is 'full'; comment on schema public is 'all of it';
  comment on index person_name is 'i'; comment on trigger stamp on person is 't'; comment on constraint pet_pkey on pet is 'key';
  comment on policy own on person is 'p'; comment on view happy is 'v'; comment on type mood is 'm'; comment on function twice is 'f';
  create publication pets for table pet;
`

const STATEMENTS = `
  alter table person rename column name to called · alter table person rename to people · alter table person set schema other · alter type mood rename to state
  alter type mood rename value 'ok' to 'fine' · alter type mood set schema other · alter function twice rename to double · alter function twice set schema other
  alter schema other rename to another · alter schema public rename to secret · create schema third · drop schema other · comment on schema public is null · comment on schema other is 'x'
  comment on table person is null · comment on column person.name is null · comment on column person.id is 'x' · comment on index person_name is null · comment on trigger stamp on person is null
  comment on constraint pet_pkey on pet is null · comment on policy own on person is null · comment on view happy is null · comment on type mood is null · comment on function twice is null
  comment on statistics person_stats is 'x' · comment on type span is 'x' · comment on type pair is 'x' · comment on domain positive is 'x' · comment on rule quiet on pet is 'x'
  alter sequence counter owned by counted.n · alter sequence counter rename to c · alter table counted alter n drop default · alter table log attach partition log_2 for values from ('2021-01-01') to ('2022-01-01')
  alter table log detach partition log_1 · alter table child inherit parent · alter table person set (toast.autovacuum_enabled = false) · alter index person_name rename to by_name
  alter table pet rename constraint pet_pkey to pk · drop trigger stamp on person · alter table person disable trigger stamp · drop policy own on person · drop rule quiet on pet · drop view happier
  drop statistics person_stats · alter statistics person_stats rename to s · alter table person force row level security · alter table pet replica identity full · alter table pet cluster on pet_pkey
  grant select on person to public · grant select (name) on person to public · grant usage on schema other to public · grant execute on function twice to public · revoke all on function twice from public
  alter domain positive rename to above · alter domain positive add check (value < 10) · alter domain positive drop constraint positive_check · alter domain positive set default 3
  alter type pair rename attribute a to first · alter type pair add attribute c int · alter type span rename to stretch · alter type spans rename to stretches · alter table person drop column spent
  alter table person alter name drop not null · alter table person alter name set default 'x' · alter table person alter name set statistics 10 · alter table person alter spent type numeric(9, 2)
  alter table person alter id drop identity · alter table person alter doubled drop expression · alter table person drop constraint person_spent_check · alter table person add check (spent < 9) not valid
  drop materialized view sizes · alter view happy rename to glad · alter view happier set (security_barrier) · alter materialized view sizes rename to measures · drop table pet · drop table person cascade
  alter trigger stamp on person rename to s · alter policy own on person rename to mine · alter policy own on person using (true) · alter rule quiet on pet rename to q · alter function stamp() rename to st
  create temporary table gone (a int) · alter index log_what_idx rename to w · create index on log (at) · alter table parent add column b int · alter publication pets rename to animals
  alter table person alter column name set storage external · alter function twice owner to current_user · create extension citext · alter default privileges grant select on tables to public
  alter type mood add value 'glad' · drop function stamp() cascade · drop type mood cascade · alter table pet drop constraint pet_owner_fkey · alter sequence person_id_seq increment 3 · reindex table person
`
  .split(/[·\n]/)
  .map((statement) => statement.trim())
  .filter((statement) => statement !== '')

test('what is read again after a change is what a whole reading finds, whatever was changed', async () => {
  await using databases = await testDatabases()
  const database = await databases.create()
  const sql = database.connect()
  const watch = await watchCatalog(database.connect({ settings: OBSERVING }))
  await sql.unsafe(SETUP)
  const committed = await sql.begin((tx) => readState(tx))
  const old = new Set(committed.objects)
  const wrong: unknown[] = []
  const whole: string[] = []
  for (const statement of STATEMENTS) {
    const rolledBack = new Error('rolled back')
    await sql
      .begin(async (tx) => {
        const mark = await watch.mark(tx)
        await tx.unsafe(`${statement}; ${READING}`)
        const partly = await watch.read(tx, mark, committed)
        const all = await readState(tx)
        if (!same(partly.objects, all.objects)) wrong.push({ statement, ...told(all.objects, partly.objects) })
        if (!partly.objects.some((object) => old.has(object))) whole.push(statement)
        throw rolledBack
      })
      .catch((error: unknown) => {
        if (error !== rolledBack) wrong.push({ statement, error: String(error) })
      })
  }
  await Promise.all([sql.end(), watch.end()])
  expect({ wrong, whole }).toEqual({
    wrong: [],
    whole: [
      'alter schema other rename to another',
      'alter schema public rename to secret',
      'drop schema other',
      'comment on schema public is null',
      'alter table pet replica identity full',
      'grant usage on schema other to public',
      'alter type span rename to stretch',
      'alter type spans rename to stretches',
      'drop table pet',
      'alter publication pets rename to animals',
      'create extension citext',
      'alter default privileges grant select on tables to public',
    ],
  })
})

const same = (a: readonly CatalogObject[], b: readonly CatalogObject[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b)

const told = (expected: readonly CatalogObject[], actual: readonly CatalogObject[]) => ({
  expected: compareCatalogs(expected, actual).map(({ kind, name, change, fields }) => ({ kind, name, change, fields })),
})
