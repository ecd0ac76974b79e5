import { expect, test } from 'vitest'
import { driftOf, linesOf, TASK, TASKS } from '../../fixtures/drift.ts'

test('unions are held against enums and CHECKs, by value and in any order; what is not understood is not judged', async () => {
  const sql = `
    create type mood as enum ('ok', 'bad');
    create domain code as text check (value in ('a', 'b'));
    create table kinds (id text primary key);
    create table samples (
      id text primary key,
      a mood not null, b mood not null, c text not null check (c in ('p', 'q')), d text not null check (d in ('p', 'q')),
      e text not null, f text not null check (length(f) < 3), g code not null, h text not null references kinds,
      i int4 not null check (i in (1, 2)), j text[] not null check (j <@ array['p', 'q']), k text not null check (k in ('p')),
      l text not null, m mood not null, n text not null check (n in ('p', 'q') and length(n) < 2)
    );
    alter table samples add constraint late check (l in ('p', 'q')) not valid;`
  const domain = `enum Mood { Ok = 'ok', Bad = 'bad' }
const ps = ['q', 'p'] as const
interface Kind { id: string }
export interface Sample {
  id: string
  a: Mood
  b: 'ok' | 'worse'
  c: (typeof ps)[number]
  d: 'p'
  e: 'p' | 'q'
  f: 'p'
  g: 'a'
  h: 'x'
  i: 1 | 2 | 3
  j: 'p'[]
  k: 'p' | (string & {})
  l: 'p'
  m: string
  n: 'p'
}
`
  expect(linesOf(await driftOf(sql, domain, { tables: { kinds: false } }))).toEqual([
    'drift/value-missing-in-type public.samples.b :7',
    'drift/value-not-in-database public.samples.b :7',
    'drift/value-missing-in-type public.samples.d :9',
    'drift/narrower-than-db public.samples.e :10',
    'drift/value-missing-in-type public.samples.g :12',
    'drift/value-not-in-database public.samples.i :14',
    'drift/value-missing-in-type public.samples.j :15',
    'drift/too-wide public.samples.m :18',
  ])
})

test('the SQL of a fix for values applies and settles the difference', async () => {
  const domain = TASK.replace("'open' | 'done'", "'open' | 'done' | 'late'")
  const { differences } = await driftOf(TASKS, domain)
  expect(differences.map(({ rule, message, fix }) => ({ rule, message, fix }))).toEqual([
    {
      rule: 'drift/value-not-in-database',
      message: "Task.status lists 'late', which the CHECK on public.tasks.status (text) does not allow",
      fix: {
        typescript: "drop 'late' from 'open' | 'done' | 'late'",
        sql: "alter table public.tasks drop constraint tasks_status_check, add constraint tasks_status_check check (status in ('open', 'done', 'late'));",
      },
    },
  ])
  expect(linesOf(await driftOf(`${TASKS}${differences[0]!.fix.sql}`, domain))).toEqual([])
})

test('a jsonb column takes any shape that JSON can carry, and no other', async () => {
  const sql = `create table samples (
    id text primary key,
    a jsonb not null, b jsonb not null, c jsonb not null, d jsonb not null, e jsonb not null, f jsonb, g jsonb[] not null);`
  const domain = `type Json = null | boolean | number | string | Json[] | { [key: string]: Json }
interface Window { from: string; until?: string; nested: { tags: string[] } }
export interface Sample {
  id: string
  a: Window
  b: { since: Date }
  c: Json
  d: string
  e: Record<string, Map<string, number>>
  f: Window[] | null
  g: { n: bigint }[]
}
`
  expect(linesOf(await driftOf(sql, domain))).toEqual([
    'drift/json-incompatible public.samples.b :6',
    'drift/json-as-string public.samples.d :8',
    'drift/json-incompatible public.samples.e :9',
    'drift/json-incompatible public.samples.g :11',
  ])
})
