import type { ts as TypeScript } from 'ts-morph'
import { plainly } from './not-plain.ts'
import { type Plain, valueOf } from './plain.ts'
import {
  around,
  arrayOf,
  type Entry,
  nullable,
  objectOf,
  optional,
  ownEntries,
  piped,
  same,
  type Schema,
} from './schema.ts'
import { COERCED, SIMPLE, STRING, words } from './simple-schemas.ts'
import { constantList, literalOf, unionOfArms } from './values.ts'
import { isNoGuard } from './zod-functions.ts'

type Arguments = readonly TypeScript.Expression[]

const UNKNOWN = same({ kind: 'unknown' })

/** `z.coerce.…()` */
export function coerced(name: string): Schema {
  const type = COERCED[name]
  plainly(type !== undefined)
  return piped(UNKNOWN, same(type))
}

/** `z.…(…)` */
export function made(plain: Plain, name: string, given: Arguments): Schema {
  const simple = SIMPLE[name]
  if (simple !== undefined) return simple
  const maker = MAKERS[name]
  plainly(maker !== undefined)
  return maker(plain, given)
}

const MAKERS: Readonly<Record<string, (plain: Plain, given: Arguments) => Schema>> = {
  object: (plain, [shape]) => objectOf(entriesOf(plain, shape)),
  strictObject: (plain, [shape]) => objectOf(entriesOf(plain, shape)),
  array: (plain, [element]) => arrayOf(schemaOf(plain, element)),
  union: (plain, [options]) => around(listOf(plain, options), unionOfArms),
  discriminatedUnion: (plain, [, options]) => around(listOf(plain, options), unionOfArms),
  nullable: (plain, [inner]) => nullable(schemaOf(plain, inner)),
  optional: (plain, [inner]) => optional(schemaOf(plain, inner)),
  nullish: (plain, [inner]) => optional(nullable(schemaOf(plain, inner))),
  pipe: (plain, [from, to]) => piped(schemaOf(plain, from), schemaOf(plain, to)),
  codec: (plain, [from, to]) => piped(schemaOf(plain, from), schemaOf(plain, to)),
  preprocess(plain, [, inner]) {
    const { input, output } = schemaOf(plain, inner)
    return { input: { ...UNKNOWN.input, optional: input.optional }, output, entries: null }
  },
  record(plain, [key, value]) {
    plainly(schemaOf(plain, key).output.type === STRING)
    return around([schemaOf(plain, value)], ([index]) => ({
      kind: 'object',
      name: 'Record',
      properties: [],
      index: index!,
    }))
  },
  literal(plain, [value]) {
    const { ts } = plain
    const values = value !== undefined && ts.isArrayLiteralExpression(value) ? value.elements : [value]
    return same(unionOfArms(values.map((one) => literalOf(plain, one))))
  },
  enum(plain, [values]) {
    const { ts, modules, bound } = plain
    plainly(values !== undefined)
    if (ts.isArrayLiteralExpression(values))
      return same(unionOfArms(values.elements.map((one) => literalOf(plain, one))))
    plainly(ts.isIdentifier(values) && !bound.has(values.text))
    const list = modules.declared(values, values.text)?.find((node) => ts.isVariableDeclaration(node))
    plainly(list !== undefined)
    return same(unionOfArms(constantList(plain, list).map((one) => literalOf(plain, one))))
  },
}

const schemaOf = (plain: Plain, node: TypeScript.Expression | undefined): Schema => {
  plainly(node !== undefined)
  return plain.schemaOf(plain, node)
}

const listOf = (plain: Plain, node: TypeScript.Expression | undefined): Schema[] => {
  plainly(node !== undefined && plain.ts.isArrayLiteralExpression(node))
  return node.elements.map((one) => schemaOf(plain, one))
}

/** Calls on a schema that leave its types as they are. */
const KEEPING: ReadonlySet<string> = new Set(
  words(
    'min max length nonempty size regex includes startsWith endsWith uppercase lowercase trim toLowerCase toUpperCase normalize email url jwt emoji guid uuid uuidv4 uuidv6 uuidv7 nanoid cuid cuid2 ulid base64 base64url xid ksuid ipv4 ipv6 cidrv4 cidrv6 e164 datetime date time duration int safe positive nonnegative negative nonpositive gt gte lt lte multipleOf step finite describe superRefine check strict strip',
  ),
)

/** `schema.…(…)` */
export function chained(plain: Plain, schema: Schema, name: string, given: Arguments): Schema {
  if (KEEPING.has(name)) return schema
  const call = CALLS[name]
  plainly(call !== undefined)
  return call(plain, schema, given)
}

const CALLS: Readonly<Record<string, (plain: Plain, schema: Schema, given: Arguments) => Schema>> = {
  nullable: (_, schema) => nullable(schema),
  optional: (_, schema) => optional(schema),
  nullish: (_, schema) => optional(nullable(schema)),
  array: (_, schema) => arrayOf(schema),
  pipe: (plain, schema, [to]) => piped(schema, schemaOf(plain, to)),
  default: (_, { input, output }) => ({
    input: { ...input, optional: true },
    output: { ...output, optional: false },
    entries: null,
  }),
  refine(plain, schema, [check]) {
    plainly(check !== undefined && isNoGuard(plain, check))
    return schema
  },
  meta(_, schema, given) {
    plainly(given.length === 1)
    return schema
  },
  extend: (plain, schema, [shape]) => objectOf(new Map([...ownEntries(schema), ...entriesOf(plain, shape)])),
  partial(_, schema, given) {
    plainly(given.length === 0)
    const entries = [...ownEntries(schema)].map(
      ([name, entry]) => [name, { ...entry, schema: optional(entry.schema) }] as const,
    )
    return objectOf(new Map(entries))
  },
  pick(plain, schema, [mask]) {
    const keys = maskOf(plain, mask)
    return objectOf(new Map([...ownEntries(schema)].filter(([name]) => keys.has(name))))
  },
  omit(plain, schema, [mask]) {
    const keys = maskOf(plain, mask)
    return objectOf(new Map([...ownEntries(schema)].filter(([name]) => !keys.has(name))))
  },
}

/** `{ id: true }` */
function maskOf({ ts }: Plain, node: TypeScript.Expression | undefined): ReadonlySet<string> {
  plainly(node !== undefined && ts.isObjectLiteralExpression(node))
  return new Set(
    node.properties.map((one) => {
      plainly(ts.isPropertyAssignment(one) && one.initializer.kind === ts.SyntaxKind.TrueKeyword)
      plainly(ts.isIdentifier(one.name))
      return one.name.text
    }),
  )
}

/** The properties of an object literal, spread ones included. */
function entriesOf(plain: Plain, node: TypeScript.Expression | undefined): ReadonlyMap<string, Entry> {
  const { ts } = plain
  plainly(node !== undefined)
  if (ts.isIdentifier(node)) {
    const value = valueOf(plain, node)
    return entriesOf(value.plain, value.node)
  }
  plainly(ts.isObjectLiteralExpression(node))
  const entries = new Map<string, Entry>()
  for (const one of node.properties) {
    if (ts.isSpreadAssignment(one)) {
      for (const [name, entry] of entriesOf(plain, one.expression)) entries.set(name, entry)
    } else {
      plainly((ts.isPropertyAssignment(one) || ts.isShorthandPropertyAssignment(one)) && ts.isIdentifier(one.name))
      const value = ts.isPropertyAssignment(one) ? one.initializer : one.name
      entries.set(one.name.text, { node: one, schema: schemaOf(plain, value) })
    }
  }
  return entries
}
