import { expect, test } from 'vitest'
import { driftOf, linesOf, TASK, TASKS } from '../../fixtures/drift.ts'

test('a table and its interface that agree give pairs, coverage and no difference', async () => {
  expect(await driftOf(TASKS, TASK)).toEqual({
    coverage: {
      types: { checked: 1, unchecked: 0 },
      tables: { checked: 1, unchecked: 0 },
      columns: { checked: 5, unchecked: 0 },
    },
    pairs: [{ type: 'Task', relation: 'public.tasks', shape: 'row' }],
    differences: [],
  })
})

test('a renamed property is told from both ends, with the name that the driver gives', async () => {
  const { differences } = await driftOf(TASKS, TASK.replace('title', 'headline'))
  expect(differences).toEqual([
    {
      rule: 'drift/missing-property',
      message: 'Task has no property for public.tasks.title (text)',
      object: 'public.tasks.title',
      type: 'Task',
      location: { file: 'domain.ts', line: 1, column: 18 },
      other: null,
      fix: { typescript: 'rename headline to title', sql: 'alter table public.tasks drop column title;' },
    },
    {
      rule: 'drift/extra-property',
      message: 'Task.headline stands for no column of public.tasks',
      object: 'public.tasks',
      type: 'Task',
      location: { file: 'domain.ts', line: 3, column: 3 },
      other: null,
      fix: {
        typescript: 'rename headline to title, as the driver names it',
        sql: 'alter table public.tasks rename column title to headline;',
      },
      edit: { kind: 'rename property', to: 'title' },
      property: 'headline',
    },
  ])
})

test('nullability is judged cell by cell', async () => {
  const sql = `
    create domain required as text not null;
    create table samples (
      id text primary key,
      a text not null, b text not null, c text not null, d text not null,
      e text, f text, g text, h text,
      i text default 'x', j text default 'x',
      k text check (k is not null), l required, m int8 generated always as identity, n text generated always as (a) stored
    );`
  const domain = `export interface Sample {
  id?: string
  a: string
  b: string | null
  c?: string
  d?: string | null
  e: string
  f: string | null
  g?: string
  h?: string | null
  i: string
  j: string | null
  k: string | null
  l: string | null
  m: string | null
  n: string
}
`
  expect(linesOf(await driftOf(sql, domain))).toEqual([
    'drift/pk-optional public.samples.id :2',
    'drift/too-nullable public.samples.b :4',
    'drift/optional-but-not-null public.samples.c :5',
    'drift/too-nullable public.samples.d :6',
    'drift/null-not-modelled public.samples.e :7',
    'drift/undefined-not-null public.samples.g :9',
    'drift/nullable-with-default public.samples.i :11',
    'drift/too-nullable public.samples.k :13',
    'drift/too-nullable public.samples.l :14',
    'drift/too-nullable public.samples.m :15',
    'drift/null-not-modelled public.samples.n :16',
  ])
})

test('what arrives in another type than the interface says is named by its family', async () => {
  const sql = `
    create type mood as enum ('ok', 'bad');
    create domain positive as int4;
    create table samples (
      id text primary key,
      a int4 not null, b int8 not null, c numeric not null, d timestamptz not null, e date not null, f time not null,
      g text[] not null, h text not null, i int4[] not null, j bytea not null, k timestamptz not null, l text not null,
      m text not null, n text not null, o positive[] not null, p uuid not null, q text not null, r text[] not null,
      s mood[] not null, t boolean not null, u interval not null
    );`
  const domain = `type Id = string & { readonly __brand: 'Id' }
export interface Sample {
  id: Id
  a: string
  b: number
  c: number
  d: string
  e: Date
  f: Date
  g: string
  h: string[]
  i: string[]
  j: Uint8Array
  k: Date | string
  l: unknown
  m: any
  n: Missing
  o: number[]
  p: \`\${string}-\${string}\`
  q: string & {}
  r: readonly (string | null)[]
  s: ('ok' | 'bad')[]
  t: boolean
  u: { hours: number }
}
`
  const fact = await driftOf(sql, domain)
  expect([linesOf(fact), fact.coverage.columns]).toEqual([
    [
      'drift/base-type public.samples.a :4',
      'drift/int8-or-numeric public.samples.b :5',
      'drift/int8-or-numeric public.samples.c :6',
      'drift/date-family public.samples.d :7',
      'drift/date-as-date public.samples.e :8',
      'drift/date-family public.samples.f :9',
      'drift/array-shape public.samples.g :10',
      'drift/array-shape public.samples.h :11',
      'drift/array-shape public.samples.i :12',
      'drift/impossible-arm public.samples.k :14',
      'drift/too-wide public.samples.l :15',
      'drift/any-type public.samples.m :16',
      'drift/unresolved-type public.samples.n :17',
      'drift/array-shape public.samples.o :18',
      'drift/array-null public.samples.r :21',
      'drift/base-type public.samples.u :24',
    ],
    { checked: 20, unchecked: 2 },
  ])
})

test('a profile of the team says what its parsers make of a type', async () => {
  const domain = TASK.replace('estimate: string', 'estimate: number')
  const profile = { extends: 'postgres', types: { bigint: 'number' } }
  expect(linesOf(await driftOf(TASKS, domain))).toEqual(['drift/int8-or-numeric public.tasks.estimate :6'])
  expect(linesOf(await driftOf(TASKS, domain, { profile }))).toEqual([])
})

test('the other end of a difference is what was last defined: the column, the constraint, the enum', async () => {
  const sql = `create type mood as enum ('ok', 'bad');
    create table samples (id text primary key, a mood not null, b text not null check (b in ('p', 'q')), c text);`
  const domain = `export interface Sample { id: string; a: 'ok'; b: 'p'; c: string }`
  const named = (object: string): { file: string; line: number; column: null } => ({
    file: object,
    line: 1,
    column: null,
  })
  const { differences } = await driftOf(sql, domain, {}, named)
  expect(differences.map(({ rule, other }) => [rule, other?.file])).toEqual([
    ['drift/value-missing-in-type', 'public.mood'],
    ['drift/value-missing-in-type', 'public.samples.samples_b_check'],
    ['drift/null-not-modelled', 'public.samples.c'],
  ])
})

test('a zod schema and its type are one subject, judged by the input; a converter is legitimate', async () => {
  const sql = `create table tasks (
    id int8 primary key, title text not null, due_at timestamptz, status text not null default 'open' check (status in ('open', 'done')),
    estimate int8 not null, note text, log text not null);`
  const domain = `import { z } from 'zod'
export const TaskSchema = z.object({
  id: z.coerce.number(),
  title: z.number(),
  dueAt: z.date(),
  status: z.enum(['open', 'done', 'late']).default('open'),
  estimate: z.string().transform(Number),
  note: z.string().nullish(),
  log: z.string().transform((text): string[] => JSON.parse(text)),
})
export type Task = z.infer<typeof TaskSchema>
export const NewTaskSchema = TaskSchema.omit({ id: true })
`
  const fact = await driftOf(sql, domain)
  expect([fact.pairs, linesOf(fact)]).toEqual([
    [
      { type: 'NewTaskSchema', relation: 'public.tasks', shape: 'insert' },
      { type: 'Task', relation: 'public.tasks', shape: 'row' },
    ],
    [
      'drift/base-type public.tasks.title :4',
      'drift/null-not-modelled public.tasks.due_at :5',
      'drift/value-not-in-database public.tasks.status :6',
      'drift/required-column-absent public.tasks.id :12',
      'drift/value-refused public.tasks.status :12',
    ],
  ])
})

test('fixes are written in the notation of the type', async () => {
  const sql = 'create table tasks (id int8 primary key, due_at timestamptz, note text not null)'
  const domain = `import { z } from 'zod'
export const Task = z.object({ id: z.number(), dueAt: z.date(), note: z.string().nullable() })
`
  expect((await driftOf(sql, domain)).differences.map(({ rule, fix }) => [rule, fix.typescript])).toEqual([
    [
      'drift/int8-or-numeric',
      "id: z.string(), or parse it and say so: profile: { extends: 'postgres', types: { int8: 'number' } }",
    ],
    ['drift/null-not-modelled', 'dueAt: z.date().nullable()'],
    ['drift/too-nullable', 'note: z.string()'],
  ])
})

test('a second name of a type says nothing twice, and an interface may have a method beside its data', async () => {
  const domain = `${TASK.replace('estimate: string | null', 'isLate(): boolean')}export type TaskRow = Task\n`
  expect(linesOf(await driftOf(TASKS, domain))).toEqual(['drift/missing-property public.tasks.estimate :1'])
})

test('a view is compared without judging its nullability', async () => {
  const sql = `${TASKS} create view open_tasks as select id, count(*) as n from tasks group by id`
  const domain = `${TASK}export interface OpenTask { id: string; n: number }`
  expect(linesOf(await driftOf(sql, domain))).toEqual(['drift/int8-or-numeric public.open_tasks.n :8'])
})

test('column names that the driver does not turn back are told', async () => {
  const sql = 'create table homes (id text primary key, address_2 text not null, a_b text not null, "aB" text not null)'
  const domain = 'export interface Home { id: string; address2: string; aB: string }'
  expect((await driftOf(sql, domain)).differences.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
    'drift/missing-property: Home has no property for public.homes.a_b (text)',
    'drift/unmappable-column-name: public.homes."aB": it becomes aB, as a_b does',
    'drift/unmappable-column-name: public.homes.a_b: it becomes aB, as aB does',
    'drift/unmappable-column-name: public.homes.address_2: it becomes address2, which does not become address_2 again when it is written',
  ])
})

test('an array of a domain is told where the driver has no parser for its elements', async () => {
  const sql = `
    create domain positive as int4; create domain label as text; create domain labels as text[];
    create table samples (id int4 primary key, a positive[] not null, b label[] not null, c labels not null, d positive not null)`
  const domain = 'export interface Sample { id: number; a: string[]; b: string[]; c: string[]; d: number }'
  expect((await driftOf(sql, domain)).differences.map(({ rule, message }) => `${rule}: ${message}`)).toEqual([
    'drift/domain-array: public.samples.a (public.positive[]) is an array of the domain public.positive, whose elements the driver hands over as text',
  ])
})

test('with branded ids a foreign key has the type of its target', async () => {
  const sql =
    'create table users (id text primary key); create table posts (id text primary key, user_id text not null references users)'
  const domain = `type UserId = string & { readonly __of: 'user' }
export interface User { id: UserId }
export interface Post { id: string; userId: string }
`
  expect(linesOf(await driftOf(sql, domain, { ids: 'brand' }))).toEqual([
    'drift/fk-brand-mismatch public.posts.user_id :3',
  ])
  expect(linesOf(await driftOf(sql, domain))).toEqual([])
})

test.each([
  ['drift-no-types', TASKS, 'const secret = 1', 'drift: domain.ts exports no type'],
  ['drift-no-tables', '', TASK, 'drift: the migrations make no table in schema public, but domain.ts declares types'],
  [
    'drift-nothing-compared',
    TASKS,
    'export interface Other { id: string }',
    'drift: no type of domain.ts stands for a table of schema public (tasks)',
  ],
])('nothing compared is never green: %s', async (code, sql, domain, message) => {
  await expect(driftOf(sql, domain)).rejects.toMatchObject({ kind: 'usage', code, message })
})

test("columns are named by the driver's own functions, whichever they are; a tuple is told where nothing keeps its length", async () => {
  const sql = `create table spots (
    spot_id bigint primary key, at_place float8[] not null, is_open bool not null,
    kept float8[] not null check (cardinality(kept) = 2))`
  const spot = (id: string, place: string, open: string, kept: string): string =>
    `export interface Spot { ${id}: string; ${place}: [number, number]; ${open}: boolean; ${kept}: [number, number] }`
  expect([
    linesOf(await driftOf(sql, spot('SpotId', 'AtPlace', 'IsOpen', 'Kept'), { names: 'pascal' })),
    linesOf(await driftOf(sql, spot("'spot-id'", "'at-place'", "'is-open'", 'kept'), { names: 'kebab' })),
  ]).toEqual([['drift/tuple-length public.spots.at_place :1'], ['drift/tuple-length public.spots.at_place :1']])
  const { differences } = await driftOf(
    sql,
    "export interface Spot { 'spot-id': string; 'at-place': number[]; kept: number[] }",
    {
      names: 'kebab',
    },
  )
  expect(differences.map(({ rule, fix }) => [rule, fix])).toEqual([
    [
      'drift/missing-property',
      { typescript: "'is-open': boolean", sql: 'alter table public.spots drop column is_open;' },
    ],
  ])
})
