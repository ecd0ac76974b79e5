import { glob } from 'node:fs/promises'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { domainProject } from '../../../../fixtures/drift.ts'
import { LandfallError } from '../../../../migrations/error.ts'
import { readCompiled, readPlainly } from '../read-types.ts'

/** Both readings of each file, arms and members in one order: the compiler's own depends on what it saw first. */
async function bothReadings(
  root: string,
  files: readonly string[],
): Promise<{ file: string; plain: unknown; compiled: unknown }[]> {
  const plain = await Promise.all(files.map((file) => readPlainly({ root, files: file })))
  const compiled = await readCompiled(files.map((file) => ({ root, files: file })))
  return files.map((file, index) => ({ file, plain: inOrder(plain[index]), compiled: inOrder(compiled[index]) }))
}

function inOrder(value: unknown): unknown {
  if (value instanceof LandfallError) return value.message
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  const sorted = (list: unknown): unknown =>
    (inOrder(list) as unknown[]).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      const unordered = (key === 'of' || key === 'properties') && Array.isArray(inner)
      return [key, unordered ? sorted(inner) : inOrder(inner)]
    }),
  )
}

async function readings(texts: readonly string[]): Promise<{ file: string; plain: unknown; compiled: unknown }[]> {
  const files = texts.map((_, index) => `domain-${index}.ts`)
  await using project = await domainProject(Object.fromEntries(texts.map((text, index) => [files[index]!, text])))
  return await bothReadings(project.root, files)
}

test('the domains of the systems are read by their text as by the compiler', async () => {
  const root = new URL('../../../..', import.meta.url).pathname
  const files = (await Array.fromAsync(glob('fixtures/systems/*/domain.ts', { cwd: root }))).toSorted()
  const read = await bothReadings(root, files)
  expect(read.length).toBe(5)
  expect(read.map((one) => one.plain)).toEqual(read.map((one) => one.compiled))
})

const PLAIN = [
  `import type { B } from './domain-1.ts'
   export interface A { b: B; readonly when: Date | null; list?: readonly string[]; pair: [string, -1] }
   export type Patch = Partial<Omit<A, 'b'>>
   export type Key = Pick<A, 'b'> & { rename(to: string): void; on?: () => void }`,
  `/** @landfall-table bs */
   export interface B extends Base { /** @landfall-column x */ y: Id; 'quoted': State | State.Open }
   interface Base { id: Id; other: B[]; tree: Tree; rest: Record<string, unknown> }
   type Id = string & { readonly brand: 'Id' }
   type Tree = null | string | Tree[] | { [key: string]: Tree }
   enum State { Open = 'open', Done = 'done' }
   const STATES = ['x', 'y'] as const
   export type Kind = (typeof STATES)[number] | string | undefined`,
  `export * from './domain-0.ts'
   export { type B as Again } from './domain-1.ts'`,
  `import { z } from 'zod'
   const KINDS = ['a', 'b'] as const
   const base = { id: z.uuid() }
   const inner = z.object({ a: z.string().min(1).nullable(), b: z.int().optional() })
   export const TaskSchema = z.object({
     ...base,
     kind: z.enum(KINDS),
     at: z.iso.datetime(),
     due: z.coerce.date(),
     more: z.array(inner).default([]),
     note: z.string().nullish(),
     by: z.record(z.string(), z.boolean()),
     one: z.union([z.literal('x'), z.literal([1, 2]), z.null()]),
   })
   export type Task = z.infer<typeof TaskSchema>
   export const NewTask = TaskSchema.omit({ id: true }).partial()
   export const Short = TaskSchema.pick({ id: true }).extend({ n: z.number() })
   export interface Holder { task: Task; given: z.input<typeof TaskSchema>; all: z.infer<typeof inner>[] }
   export const LIMIT = 5`,
  `import { z } from 'zod'
   import { jsonText, isShort } from './domain-5.ts'
   const isKept = (value: string): boolean => !value.includes('x')
   const varchar = (length: number) => z.string().refine((value) => [...value].length <= length && isKept(value))
   const maybe = <S extends z.ZodType>(schema: S) => z.array(schema).nullable()
   function dated<S extends z.ZodType>(first: S, count: number) {
     return z.object({ first, count: z.number().max(count), at: z.date() })
   }
   const instant = z.preprocess((value) => value, z.date())
   const name = varchar(50)
   export const RowSchema = z.object({
     name,
     more: maybe(varchar(5)),
     any: z.json(),
     config: z.record(z.string(), z.json()).refine((value) => isShort(value)),
     day: instant.nullable(),
     late: z.preprocess((value) => value, z.date().optional()),
     log: jsonText(z.array(z.object({ a: z.string(), name }))),
     rest: jsonText(z.record(z.string(), z.json())).optional(),
     when: z.codec(z.iso.date(), z.date(), { decode: (text) => new Date(text), encode: (date) => date.toISOString() }),
     pair: dated(jsonText(z.int()), 5),
     code: z.string().refine((value) => /x/.test(value) || !(value > 'a')).pipe(z.string().min(1)),
     upper: z.string().refine(isShort, 'too long'),
   }).refine(({ name, code }) => name !== code) satisfies z.ZodType
   export const Column = maybe(z.string())`,
  `import { z } from 'zod'
   export const jsonText = <S extends z.ZodType>(value: S): z.ZodCodec<z.ZodString, z.ZodOptional<S>> =>
     z.codec(z.string(), value.optional(), { decode: (text) => JSON.parse(text) as never, encode: (of) => JSON.stringify(of) })
   export function isShort(value: unknown): boolean {
     return JSON.stringify(value).length < 500
   }`,
]

test('what the grammar knows is read as by the compiler', async () => {
  const read = await readings(PLAIN)
  expect(read.map((one) => one.plain)).toEqual(read.map((one) => one.compiled))
})

test.each([
  ['a name that a package gives', `import type { Sql } from 'postgres'\nexport interface A { sql: Sql }`],
  ['a global name that is not known', 'export interface A { x: Thing }'],
  ['a known name that the project declares itself', 'type Date = string\nclass Set {}\nexport interface A { x: Set }'],
  ['one interface in two parts', 'export interface A { x: string }\nexport interface A { y: string }'],
  ['what others may add to', 'declare global { interface Date { x: 1 } }\nexport interface A { x: Date }'],
  ['a generic type', 'export interface A<T> { x: T }'],
  ['a mapped type', `export type A = { [K in 'a' | 'b']: string }`],
  ['a union of objects', 'export type A = { x: string } | { y: string }'],
  ['a key twice', 'export type A = { x: string } & { x: string | null }'],
  ['a key that is not there', `export interface B { x: 1 }\nexport type A = Pick<B, 'y'>`],
  ['a class', 'export class A { x = 1 }'],
  ['a type of nothing but itself', 'export type A = A | A[]\nexport type B = B | string'],
  ['an interface of itself', 'export interface A extends A { x: string }'],
  [
    'a schema that is transformed',
    `import { z } from 'zod'\nexport const A = z.object({ a: z.string().transform(Number) })`,
  ],
  ['a schema that a function makes', 'export const A = make()\nfunction make(): number { return 1 }'],
  [
    'a schema with a guard',
    `import { z } from 'zod'\nexport const A = z.object({ a: z.unknown().refine((x) => x === 1) })`,
  ],
  [
    'a schema with a guard that has a name',
    `import { z } from 'zod'\nconst is = (x: unknown): x is 1 => x === 1\nexport const A = z.object({ a: z.unknown().refine(is) })`,
  ],
  [
    'a schema with a guard within',
    `import { z } from 'zod'\nconst is = (x: unknown): x is 1 => x === 1\nexport const A = z.object({ a: z.unknown().refine((x) => is(x)) })`,
  ],
  [
    'a function that takes a schema of a type of its own',
    `import { z } from 'zod'\nconst of = (x: z.ZodType) => x.nullable()\nexport const A = z.object({ a: of(z.string()) })`,
  ],
  [
    'a function of two schemas of one type',
    `import { z } from 'zod'\nconst of = <S extends z.ZodType>(a: S, b: S) => z.union([a, b])\nexport const A = z.object({ a: of(z.string(), z.string()) })`,
  ],
  [
    'a function of more than an expression',
    `import { z } from 'zod'\nfunction of() { const x = z.string(); return x }\nexport const A = z.object({ a: of() })`,
  ],
  ['what does not parse', 'export interface A {'],
  ['what does not resolve', `import type { B } from './none.ts'\nexport interface A { b: B }`],
])('the compiler is asked about %s', async (_, text) => {
  const [read] = await readings([text])
  expect(read!.plain).toBeNull()
})

const { type } = fc.letrec<{ type: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(
    ...'string,number,boolean,bigint,null,undefined,unknown,any,never,void,object,true,-1,7'.split(','),
    ...`'a','b',Date,Buffer,I0,I1,A0,A1,Id,State,State.Open,Map<string, number>,(typeof LIST)[number],I0['a']`.split(
      /,(?! )/,
    ),
    `Omit<I1, 'a'>`,
    `Pick<I1, 'a' | 'd'>`,
  ),
  type: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    tie('leaf'),
    fc.array(tie('type'), { minLength: 2, maxLength: 3 }).map((arms) => `(${arms.join(' | ')})`),
    tie('type').map((one) => `(${one})[]`),
    tie('type').map((one) => `readonly (${one})[]`),
    tie('type').map((one) => `Array<${one}>`),
    fc.tuple(tie('type'), tie('type')).map(([a, b]) => `[${a}, ${b}]`),
    fc.tuple(tie('type'), tie('type')).map(([a, b]) => `{ a: ${a}; b?: ${b}; c(): void }`),
    tie('type').map((one) => `{ [key: string]: ${one} }`),
    tie('type').map((one) => `Record<string, ${one}>`),
    fc.constantFrom('I0', 'I1', '{ a: 1 }').map((one) => `Partial<${one}>`),
    tie('type').map((one) => `((x: ${one}) => void)`),
  ),
}))
const domain = fc.tuple(fc.array(type, { minLength: 3, maxLength: 3 }), type, type, type).map(
  ([[a, b, c], d, e, f]) => `
const LIST = ['x', 'y'] as const
enum State { Open = 'open', Done = 'done' }
type Id = string & { readonly brand: 'Id' }
export interface I0 { a: ${a}; b?: ${b}; c: ${c} }
export interface I1 extends I0 { d: ${d} }
export type A0 = ${e}
export type A1 = ${f}
`,
)

test('whatever types are put together: what is read by its text is read as by the compiler', async () => {
  const texts = fc.sample(domain, { numRuns: 300, seed: 7 })
  const read = (await readings(texts)).filter((one) => one.plain !== null)
  expect(read.map((one) => one.plain)).toEqual(read.map((one) => one.compiled))
  expect(read.length).toBeGreaterThan(80)
})

const { schema } = fc.letrec<{ schema: string; leaf: string }>((tie) => ({
  leaf: fc.constantFrom(
    ...'string() uuid() int32() number() bigint() boolean() date() null() unknown() json() email()'
      .split(' ')
      .map((one) => `z.${one}`),
    `z.literal('x')`,
    'z.enum(KINDS)',
    'z.iso.datetime()',
    'z.coerce.date()',
    'short(3)',
    'instant',
    `z.string().refine(isKept, 'no')`,
    `z.number().refine((n) => n > 3 && !(n >= 9))`,
    `z.codec(z.string(), z.bigint(), { decode: (text) => BigInt(text), encode: (n) => String(n) })`,
  ),
  schema: fc.oneof(
    { maxDepth: 2, withCrossShrink: true },
    tie('leaf'),
    tie('schema').map((one) => `${one}.nullable()`),
    tie('schema').map((one) => `z.array(${one})`),
    tie('schema').map((one) => `${one}.array()`),
    tie('schema').map((one) => `listed(${one})`),
    tie('schema').map((one) => `jsonText(${one})`),
    tie('schema').map((one) => `z.preprocess((value) => value, ${one})`),
    tie('schema').map((one) => `z.record(z.string(), ${one})`),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => `z.union([${a}, ${b}])`),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => `z.object({ a: ${a}, b: ${b}.optional() })`),
    fc.tuple(tie('schema'), tie('schema')).map(([a, b]) => `dated({ a: ${a}, b: ${b} })`),
  ),
}))
const schemas = fc.array(schema, { minLength: 3, maxLength: 5 }).map(
  (all) => `
import { z } from 'zod'
const KINDS = ['x', 'y'] as const
const isKept = (text: string): boolean => text !== ''
const instant = z.preprocess((value) => value, z.date())
const short = (length: number) => z.string().refine((text) => [...text].length <= length)
const listed = <S extends z.ZodType>(one: S) => z.array(one).nullable()
const jsonText = <S extends z.ZodType>(value: S): z.ZodCodec<z.ZodString, S> =>
  z.codec(z.string(), value, { decode: (text) => JSON.parse(text) as never, encode: (of) => JSON.stringify(of) })
const dated = <S extends z.ZodRawShape>(shape: S) => z.object(shape).extend({ at: z.date() })
export const RowSchema = z.object({ id: z.uuid(), ${all.map((one, n) => `c${n}: ${one}${n === 1 ? '.optional()' : ''}`).join(', ')} })
export type Row = z.infer<typeof RowSchema>
export interface Holder { row: z.infer<typeof RowSchema>; given: z.input<typeof RowSchema> }
`,
)

test('whatever schemas are put together: what is read by its text is read as by the compiler', async () => {
  const texts = fc.sample(schemas, { numRuns: 60, seed: 11 })
  const read = (await readings(texts)).filter((one) => one.plain !== null)
  expect(read.map((one) => one.plain)).toEqual(read.map((one) => one.compiled))
  expect(read.length).toBeGreaterThan(30)
})
