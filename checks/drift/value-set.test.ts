import fc from 'fast-check'
import { beforeAll, expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { loadParser, restrictionsOf } from './value-set.ts'

beforeAll(loadParser)

const column = (...restrictions: unknown[]): Record<string, unknown[]> => ({ c: restrictions })
const values = (...list: unknown[]): unknown => ({ kind: 'values', of: 'column', values: list })
const elements = (...list: unknown[]): unknown => ({ kind: 'values', of: 'elements', values: list })
const unknown = { kind: 'unknown' }
const notNull = { kind: 'not-null' }

/** A condition as people write it on a column `c` of a type, and what is understood of it. */
const CASES: readonly (readonly [type: string, condition: string, expected: Record<string, unknown>])[] = [
  ['text', `c in ('p', 'q')`, column(values('p', 'q'))],
  ['text', `c = any (array['p', 'q'])`, column(values('p', 'q'))],
  ['text', `c = any ('{p,q}')`, column(values('p', 'q'))],
  ['varchar(9)', `c in ('p', '')`, column(values('p', ''))],
  ['char(1)', `c in ('p', 'q')`, column(values('p', 'q'))],
  ['name', `c in ('p', 'q')`, column(values('p', 'q'))],
  ['text', `c = 'p' or c = 'q' or c in ('r', 's')`, column(values('p', 'q', 'r', 's'))],
  ['text', `'p' = c or 'q' = c`, column(values('p', 'q'))],
  ['text[]', `array['p', 'q'] @> c`, column(elements('p', 'q'))],
  ['text', `'p' = any (array[c, 'q'])`, column(unknown)],
  ['text', `c = 'only'`, column(values('only'))],
  ['text', `c is null or c in ('it''s', 'q')`, column(values("it's", 'q'))],
  ['text', `c is not null and c in ('p', 'q')`, column(notNull, values('p', 'q'))],
  ['int4', `c in (0, 1, -1)`, column(values(0, 1, -1))],
  ['int8', `c in (0, 10)`, column(values(0, 10))],
  ['text[]', `c <@ array['p', 'q']`, column(elements('p', 'q'))],
  ['text[]', `c is null or c <@ '{p,q}'`, column(elements('p', 'q'))],
  ['text', `c in ('p', 'q') and (d <> 'x' or c = 'p')`, column(values('p', 'q'))],
  ['text', `c in ('p', 'q') and d in ('x')`, { ...column(values('p', 'q')), d: [values('x')] }],
  ['text', `lower(c) in ('p', 'q')`, column(unknown)],
  ['text', `c ~ '^a'`, column(unknown)],
  ['text', `c not in ('p', 'q')`, column(unknown)],
  ['int4', `c between 1 and 3`, column(unknown, unknown)],
  ['jsonb', `c ->> 'kind' in ('p', 'q')`, column(unknown)],
  ['text', `c = 'p' or length(c) > 3`, column(unknown)],
  ['text', `c in ('p', d)`, {}],
  ['text', `c in ('p', 'q') and length(c) < 9`, column(values('p', 'q'), unknown)],
]

test('a CHECK is understood as PostgreSQL prints it back, or not at all', async () => {
  await using db = await freshDatabase()
  const understood: unknown[] = []
  for (const [index, [type, condition]] of CASES.entries()) {
    await db.sql.unsafe(`create table t${index} (c ${type}, d text, check (${condition}))`)
    const [found] = await db.sql<{ definition: string }[]>`
      select pg_get_constraintdef(oid) as definition from pg_constraint
      where conrelid = ${`t${index}`}::regclass and contype = 'c'`
    understood.push([condition, Object.fromEntries(restrictionsOf(found!.definition))])
  }
  expect(understood).toEqual(CASES.map(([, condition, expected]) => [condition, expected]))
})

test('exactly the values of a list that is understood can be inserted, however it is written', async () => {
  await using db = await freshDatabase()
  const lists = CASES.filter(([, , { c }]) => (c as { kind: string }[] | undefined)?.at(-1)?.kind === 'values')
  const wrong: unknown[] = []
  for (const [index, [type, condition, { c }]] of lists.entries()) {
    await db.sql.unsafe(`create table t${index} (c ${type}, d text, check (${condition}))`)
    const { values: listed } = (c as { values: (string | number)[] }[]).at(-1)!
    for (const value of new Set([...listed, ...(type.startsWith('int') ? [0, 1, 7, 10] : ['p', 'r', 'zz', ''])])) {
      const text = type.endsWith('[]') ? `{"${value}"}` : String(value)
      const accepted = await db.sql.unsafe(`insert into t${index} (c) values ($1::text::${type})`, [text]).then(
        () => true,
        () => false,
      )
      if (accepted !== listed.includes(value)) wrong.push([condition, value, accepted])
    }
  }
  expect([wrong, lists.length > 15]).toEqual([[], true])
})

test('a list compared as citext is left alone: it holds more texts than it names', () => {
  expect(restrictionsOf(`CHECK ((c = ANY (ARRAY['p'::citext, 'q'::citext])))`)).toEqual(
    new Map(Object.entries(column(unknown))),
  )
})

test('what the parser cannot read says nothing', () => {
  expect(restrictionsOf('CHECK ((c = ')).toEqual(new Map())
})

test('whatever the list, exactly its values can be inserted', async () => {
  await using db = await freshDatabase()
  const text = fc.string({ unit: 'grapheme', maxLength: 6 }).filter((value) => !value.includes('\0'))
  await fc.assert(
    fc.asyncProperty(
      fc.uniqueArray(text, { minLength: 1, maxLength: 4 }),
      fc.uniqueArray(text),
      async (list, others) => {
        const sql = db.sql
        const literals = list.map((value) => `'${value.replaceAll("'", "''")}'`).join(', ')
        await sql.unsafe(`drop table if exists t; create table t (c text check (c in (${literals})))`)
        const [found] = await sql<{ definition: string }[]>`
        select pg_get_constraintdef(oid) as definition from pg_constraint
        where conrelid = 't'::regclass and contype = 'c'`
        expect(restrictionsOf(found!.definition)).toEqual(new Map([['c', [values(...list)]]]))
        for (const value of [...list, ...others]) {
          const accepted = await sql`insert into t values (${value})`.then(
            () => true,
            () => false,
          )
          expect([value, accepted]).toEqual([value, list.includes(value)])
        }
      },
    ),
    { numRuns: 40 },
  )
})
