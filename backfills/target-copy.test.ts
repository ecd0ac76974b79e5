import postgres from 'postgres'
import { expect, test } from 'vitest'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { cloneTarget, copyRows } from './target-copy.ts'

const DDL = `create table teams (id integer primary key, size integer generated always as (id * 2) stored);
  create table users (id integer primary key, team_id integer references teams not null);
  create table audit (id integer generated always as identity, what text);
  create function note() returns trigger language plpgsql as $$ begin insert into audit (what) values ('user'); return new; end $$;
  create trigger note after insert on users for each row execute function note()`

test('rows are copied with what they refer to, and neither triggers nor the order of tables matter', async () => {
  await using from = await scenario(DDL)
  await using to = await scenario(DDL)
  await from.sql`insert into teams (id) values (1), (2)`
  await from.sql`insert into users values (1, 1), (2, 2)`
  const superuser = new URL(to.superuserUrl)
  expect(await copyRows(from, superuser.href, ['users'])).toEqual(['shop.teams', 'shop.users'])
  expect(await to.sql`select id, size from teams order by id`).toEqual([
    { id: 1, size: 2 },
    { id: 2, size: 4 },
  ])
  expect(await to.sql`select * from users order by id`).toEqual([...(await from.sql`select * from users order by id`)])
  expect(await to.sql`select * from audit`).toEqual([])
})

test('a database is cloned where that is allowed and nobody is connected, and the clone is gone afterwards', async () => {
  await using s = await scenario(DDL)
  await s.sql`insert into teams (id) values (1)`
  const place = { url: s.superuserUrl, schema: s.schema }
  expect(await cloneTarget(s)).toMatch(/permission denied/)
  await s.sql.end()
  const clone = await cloneTarget(place)
  if (typeof clone === 'string') throw new Error(clone)
  const sql = postgres(clone.url, { max: 1 })
  expect(await sql`select id from shop.teams`).toEqual([{ id: 1 }])
  await sql.end()
  await clone[Symbol.asyncDispose]()
  const admin = postgres(s.superuserUrl, { max: 1 })
  const name = new URL(clone.url).pathname.slice(1)
  expect(await admin`select from pg_database where datname = ${name}`).toEqual([])
  await admin.end()
})
