import { mkdir, readFile, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import type { ISql } from 'postgres'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { domainProject } from '../../fixtures/drift.ts'
import { readWithin } from '../../migrations/catalog/read.ts'
import { relationsOf } from '../../migrations/catalog/relations.ts'
import { domainSettings } from '../settings.ts'
import { compareDrift } from './compare.ts'
import { identityOf, type DriftDifference } from './difference.ts'
import { extractTypes } from './extract.ts'
import type { TypeModel } from './type-model.ts'
import { mendSources } from './mend.ts'

const SQL = `
  create type mood as enum ('glad', 'sad');
  create table orders (
    id uuid primary key, code text not null, placed_at timestamptz, total numeric not null, big int8, day date,
    note text, amount int not null default 0, state text not null check (state in ('open', 'paid', 'refunded')),
    mood mood not null, tags text[] not null, moods mood[] not null, doc jsonb not null, payload jsonb not null,
    late text default 'x', address_2 text, kind text not null, flag boolean not null, hidden text
  );
  create table lines (
    id int generated always as identity primary key, order_id uuid not null references orders, sku text not null,
    qty int not null, made_at timestamptz not null default now(), rank int not null check (rank in (1, 2))
  );
  create table people (id uuid primary key, full_name text not null, age int, role text not null check (role in ('admin', 'guest')));
  create table renamed (id uuid primary key, title text not null, body text);
`

const DOMAIN = `import { z } from 'zod'

type State = 'open' | 'paid' | 'lost' // who reads this

/** An order. */
export interface Order {
  id?: string
  readonly code: string | null // shown to people
  placedAt: Date
  total: number
  big: bigint | null
  day: Date | null;
  note?: string
  amount: string
  state: State
  mood: 'glad' | 'sad' | 'calm'
  /** Free words. */
  tags: (string | null)[]
  moods: ('glad')[]
  doc: { at: Date }
  payload: string
  late: string
  address2: string | null
  /** Nobody stores this. */
  gone: number
  tone: string | null
  kind: 'a' | 'b'
  flag: boolean | string
  /**
   * Seen.
   * @landfall-ignore drift/any-type it was any once
   */
  seen: 'x'[]
}

export type Line = { id: number; orderId: string; sku: any; qty: unknown; madeAt: string; rank: number }
export interface NewLine { id: number; orderId: string; sku?: string; qty: number | null; madeAt: Date; rank: 1 | 2 | 3 }

export const PersonSchema = z.object({
  id: z.string(),
  fullName: z.number(),
  role: z.enum(['admin']),
})
export type Person = z.infer<typeof PersonSchema>

export interface Renamed {
  id: string
  headline: string
  body: string | null
}
`

/** What is left of it: every other character stays. */
const MENDED = `import { z } from 'zod'

type State = 'open' | 'paid' | 'refunded' // who reads this

/** An order. */
export interface Order {
  id: string
  readonly code: string // shown to people
  placedAt: Date | null
  total: string
  big: string | null
  day: Date | null;
  note: string | null
  amount: number
  state: State
  mood: 'glad' | 'sad'
  /** Free words. */
  tags: string[]
  moods: ('glad' | 'sad')[]
  doc: { at: Date }
  payload: unknown
  late: string | null
  address2: string | null
  kind: 'a' | 'b'
  flag: boolean
  hidden: string | null
}

export type Line = { id: number; orderId: string; sku: string; qty: number; madeAt: Date; rank: 1 | 2 }
export interface NewLine { orderId: string; sku: string; qty: number; madeAt?: Date; rank: 1 | 2 }

export const PersonSchema = z.object({
  id: z.string(),
  fullName: z.string(),
  role: z.enum(['admin', 'guest']),
  age: z.number().nullable(),
})
export type Person = z.infer<typeof PersonSchema>

export interface Renamed {
  id: string
  title: string
  body: string | null
}
`

/** How many rules the fixture breaks. */
const RULES = 27

type Relations = ReturnType<typeof relationsOf>
const relationsWithin = async (sql: ISql): Promise<Relations> => relationsOf({ objects: await readWithin(sql) })

const keyOf = (difference: DriftDifference): string =>
  [difference.rule, difference.object, ...identityOf(difference)].join(' ')

test('every fix is one: the SQL makes its finding go away, and what --fix writes stays written', async () => {
  await using db = await freshDatabase()
  await using project = await domainProject({ 'domain.ts': DOMAIN })
  await db.sql.unsafe(SQL)
  const extract = (): Promise<TypeModel> => extractTypes({ root: project.root, files: 'domain.ts' })
  const model = extract()
  const settings = domainSettings.parse({ files: 'domain.ts' })
  const compare = async (relations: Relations, read = extract()): Promise<readonly DriftDifference[]> => {
    const model = await read
    return (await compareDrift({ model, relations, schema: 'public', settings, originOf: () => null })).differences
  }
  const relations = await db.sql.begin((tx) => relationsWithin(tx))
  const before = await compare(relations, model)

  const stays: string[] = []
  for (const difference of before.filter(({ fix }) => fix.sql !== null)) {
    const undo = new Error('undo')
    const work = db.sql.begin(async (tx) => {
      await tx.unsafe(difference.fix.sql!)
      const after = await compare(await relationsWithin(tx), model)
      if (after.some((other) => keyOf(other) === keyOf(difference))) stays.push(keyOf(difference))
      throw undo
    })
    await expect(work).rejects.toBe(undo)
  }
  expect(stays).toEqual([])
  expect(new Set(before.map(({ rule }) => rule)).size).toBe(RULES)

  let left = before
  for (let round = 0; round < 4; round++) {
    if ((await mendSources(project.root, left)).edited.length === 0) break
    left = await compare(relations)
  }
  expect(await readFile(join(project.root, 'domain.ts'), 'utf8')).toBe(MENDED)
  expect(left.map(keyOf)).toEqual([
    'drift/unmappable-column-name public.orders.address_2 Order ',
    'drift/date-as-date public.orders.day Order day',
    'drift/json-incompatible public.orders.doc Order doc',
    'drift/narrower-than-db public.orders.kind Order kind',
  ])
  const { edited, left: byHand } = await mendSources(project.root, left)
  expect([edited, byHand.map(({ difference, reason }) => `${difference.rule}: ${reason}`)]).toEqual([
    [],
    ['drift/date-as-date: it is advice, not an edit', 'drift/json-incompatible: it is advice, not an edit'],
  ])
})

test('what lies outside the root, or behind a link that leaves it, is not written', async () => {
  await using project = await domainProject({ 'outside.ts': 'export interface A {\n  b: string\n}\n' })
  const root = join(project.root, 'app')
  await mkdir(root)
  await symlink(join(project.root, 'outside.ts'), join(root, 'inside.ts'))
  const at = (file: string): DriftDifference => ({
    rule: 'drift/extra-property',
    message: '',
    object: null,
    type: 'A',
    location: { file, line: 2, column: 3 },
    other: null,
    fix: { typescript: 'remove b', sql: null },
    edit: { kind: 'remove property' },
  })
  const outside = await mendSources(root, [at('../outside.ts'), at('inside.ts'), at('missing.ts')])
  expect([outside.edited, outside.left.map(({ reason }) => reason)]).toEqual([
    [],
    Array<string>(3).fill('it lies outside the directory of the config'),
  ])
  expect((await mendSources(project.root, [at('outside.ts')])).edited).toHaveLength(1)
  expect(await readFile(join(project.root, 'outside.ts'), 'utf8')).toBe('export interface A {\n}\n')
})

const CLASSES = `export class Card {
  id!: number
  readonly title!: string | null
  body!: string
  slug: string = ''
  size!: number
  colour!: string
  get long(): boolean { return this.size > 9 }
}
export type NewCard = Omit<Card, 'size' | 'colour'>
export class Seat {
  constructor(readonly id: string, public label: number, readonly rowNo: string | null, public gone: string) {}
}
export type NewSeat = Pick<Seat, "id" | "label">
export type SeatInsert = Omit<Seat, 'gone' | 'rowNo'>
export type CardTitle = Pick<Card, 'id' | 'title'>
`

const MENDED_CLASSES = `export class Card {
  id!: number
  readonly title!: string
  body!: string | null
  slug: string = ''
  size!: number
  rank!: number
  get long(): boolean { return this.size > 9 }
}
export type NewCard = Omit<Card, 'size' | 'colour' | 'id'>
export class Seat {
  constructor(readonly id: string, public label: string, readonly rowNo: number, public gone: string) {}
}
export type NewSeat = Pick<Seat, "id" | "label" | "rowNo">
export type SeatInsert = Omit<Seat, 'gone'>
export type CardTitle = Pick<Card, 'id' | 'title'>
`

test('classes are edited where no other code would break, and what is picked from a type by its names', async () => {
  await using db = await freshDatabase()
  await using project = await domainProject({ 'domain.ts': CLASSES })
  await db.sql.unsafe(`
    create table cards (id int generated always as identity primary key, title text not null, body text, slug text, rank int not null);
    create table seats (id uuid primary key, label text not null, row_no int not null);`)
  const relations = await db.sql.begin((tx) => relationsWithin(tx))
  const settings = domainSettings.parse({ files: 'domain.ts' })
  const model = (): Promise<TypeModel> => extractTypes({ root: project.root, files: 'domain.ts' })
  let left: string[] = []
  for (let round = 0; round < 4; round++) {
    const input = { model: await model(), relations, schema: 'public', settings, originOf: () => null }
    const mended = await mendSources(project.root, (await compareDrift(input)).differences)
    left = mended.left.map(
      ({ difference, reason }) => `${difference.rule} ${difference.type}.${difference.property}: ${reason}`,
    )
    if (mended.edited.length === 0) break
  }
  expect(await readFile(join(project.root, 'domain.ts'), 'utf8')).toBe(MENDED_CLASSES)
  expect(left).toEqual([
    'drift/null-not-modelled Card.slug: its first value would have to change too',
    'drift/extra-property Card.size: other code of the class uses it',
    'drift/extra-property Seat.gone: what calls the constructor would have to change with it',
  ])
})
