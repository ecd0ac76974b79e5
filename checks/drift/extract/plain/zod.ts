import type { ts as TypeScript } from 'ts-morph'
import type { Property, TsType } from '../../type-model.ts'
import { asWritten } from '../properties.ts'
import { type Content, nameLocation } from '../reader.ts'
import { tagsOf } from '../tags.ts'
import { withOutputs } from '../zod.ts'
import { plainly } from './not-plain.ts'
import type { Plain } from './plain.ts'
import { constantList, literalOf, unionOfArms } from './values.ts'

/** What a schema takes, or what it gives. */
interface Side {
  /** Without the undefined of what may be left out. */
  readonly type: TsType
  readonly optional: boolean
}

/** A schema of zod 4, by the calls that make it. */
export interface Zod {
  readonly input: Side
  readonly output: Side
  /** The properties of an object schema, else null. */
  readonly entries: ReadonlyMap<string, Entry> | null
}

interface Entry {
  readonly node: TypeScript.PropertyAssignment
  readonly schema: Zod
}

/** Reads an expression that makes a schema. Throws `NotPlain` for calls that the closed grammar does not know. */
export function readSchema(plain: Plain, node: TypeScript.Expression): Zod {
  const { ts, modules } = plain
  if (ts.isParenthesizedExpression(node)) return readSchema(plain, node.expression)
  if (ts.isIdentifier(node)) return readSchema(plain, initializerOf(plain, node))
  plainly(ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression))
  const { expression: target, name } = node.expression
  if (ts.isIdentifier(target) && modules.isZod(node, target.text)) return made(plain, name.text, node.arguments)
  if (ts.isPropertyAccessExpression(target) && ts.isIdentifier(target.expression)) {
    const group = modules.isZod(node, target.expression.text) ? target.name.text : ''
    if (group === 'iso') return same(STRING)
    if (group === 'coerce') {
      const type = COERCED[name.text]
      plainly(type !== undefined)
      return { ...same(type), input: { type: { kind: 'unknown' }, optional: false } }
    }
  }
  return chained(plain, readSchema(plain, target), name.text, node.arguments)
}

/** The schema's own properties, each where it is written. */
export function schemaContent(plain: Plain, { entries, input }: Zod): Content {
  if (entries === null) {
    // Also what has properties that are written somewhere else.
    plainly(input.type.kind !== 'union' && (input.type.kind !== 'object' || input.type.properties.length === 0))
    return { properties: null, methods: 0 }
  }
  const side = (of: 'input' | 'output'): Property[] =>
    [...entries].map(([name, { node, schema }]) => ({
      name,
      optional: schema[of].optional,
      type: schema[of].type,
      text: node.initializer.getText(),
      output: null,
      someArms: false,
      computed: false,
      tags: tagsOf(plain, node),
      location: nameLocation(plain, node),
    }))
  return { properties: withOutputs(side('input').toSorted(asWritten), side('output')), methods: 0 }
}

/** True for an expression that makes a schema, false for one that makes none. */
export function isSchema(plain: Plain, node: TypeScript.Expression): boolean {
  const { ts, modules } = plain
  let root = node
  while (ts.isCallExpression(root) || ts.isPropertyAccessExpression(root) || ts.isParenthesizedExpression(root)) {
    root = root.expression
  }
  if (root !== node || ts.isIdentifier(root)) {
    plainly(ts.isIdentifier(root))
    return modules.isZod(root, root.text) || isSchema(plain, initializerOf(plain, root))
  }
  plainly(
    ts.isArrayLiteralExpression(root) ||
      ts.isObjectLiteralExpression(root) ||
      ts.isLiteralExpression(root) ||
      ts.isArrowFunction(root) ||
      ts.isFunctionExpression(root) ||
      (ts.isAsExpression(root) && ts.isConstTypeReference(root.type)),
  )
  return false
}

function initializerOf({ ts, modules }: Plain, name: TypeScript.Identifier): TypeScript.Expression {
  const found = modules.declared(name, name.text)?.filter((node) => ts.isVariableDeclaration(node)) ?? []
  const [declaration] = found
  plainly(found.length === 1 && declaration!.type === undefined && declaration!.initializer !== undefined)
  return declaration!.initializer
}

const STRING: TsType = { kind: 'primitive', name: 'string' }
const NUMBER: TsType = { kind: 'primitive', name: 'number' }
const BIGINT: TsType = { kind: 'primitive', name: 'bigint' }
const BOOLEAN: TsType = { kind: 'primitive', name: 'boolean' }
const DATE: TsType = { kind: 'named', name: 'Date' }

const words = (text: string): readonly string[] => text.split(' ')

/** Schemas of one type, by the name of the function that makes them. */
const SIMPLE: Readonly<Record<string, TsType>> = {
  ...Object.fromEntries(
    words(
      'string email guid uuid uuidv4 uuidv6 uuidv7 url emoji nanoid cuid cuid2 ulid xid ksuid ipv4 ipv6 cidrv4 cidrv6 base64 base64url e164 jwt',
    ).map((name) => [name, STRING]),
  ),
  ...Object.fromEntries(words('number int int32 uint32 float32 float64').map((name) => [name, NUMBER])),
  ...Object.fromEntries(words('bigint int64 uint64').map((name) => [name, BIGINT])),
  boolean: BOOLEAN,
  date: DATE,
  null: { kind: 'null' },
  unknown: { kind: 'unknown' },
  any: { kind: 'any' },
}

const COERCED: Readonly<Record<string, TsType>> = {
  string: STRING,
  number: NUMBER,
  bigint: BIGINT,
  boolean: BOOLEAN,
  date: DATE,
}

const same = (type: TsType): Zod => {
  const side = { type, optional: false }
  return { input: side, output: side, entries: null }
}

/** A schema around others, none of which may be left out. */
const around = (parts: readonly Zod[], typeOf: (types: readonly TsType[]) => TsType): Zod => {
  const side = (of: 'input' | 'output'): Side => ({
    optional: false,
    type: typeOf(
      parts.map((part) => {
        plainly(!part[of].optional)
        return part[of].type
      }),
    ),
  })
  return { input: side('input'), output: side('output'), entries: null }
}

type Arguments = readonly TypeScript.Expression[]

/** `z.…(…)` */
function made(plain: Plain, name: string, given: Arguments): Zod {
  const simple = SIMPLE[name]
  if (simple !== undefined) return same(simple)
  const maker = MAKERS[name]
  plainly(maker !== undefined)
  return maker(plain, given)
}

const MAKERS: Readonly<Record<string, (plain: Plain, given: Arguments) => Zod>> = {
  object: (plain, [shape]) => objectOf(entriesOf(plain, shape)),
  strictObject: (plain, [shape]) => objectOf(entriesOf(plain, shape)),
  array: (plain, [element]) => around([schemaOf(plain, element)], ([of]) => ({ kind: 'array', of: of! })),
  union: (plain, [options]) => around(listOf(plain, options), unionOfArms),
  discriminatedUnion: (plain, [, options]) => around(listOf(plain, options), unionOfArms),
  nullable: (plain, [inner]) => nullable(schemaOf(plain, inner)),
  optional: (plain, [inner]) => optional(schemaOf(plain, inner)),
  nullish: (plain, [inner]) => optional(nullable(schemaOf(plain, inner))),
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
    const { ts, modules } = plain
    plainly(values !== undefined)
    if (ts.isArrayLiteralExpression(values))
      return same(unionOfArms(values.elements.map((one) => literalOf(plain, one))))
    plainly(ts.isIdentifier(values))
    const list = modules.declared(values, values.text)?.find((node) => ts.isVariableDeclaration(node))
    plainly(list !== undefined)
    return same(unionOfArms(constantList(plain, list).map((one) => literalOf(plain, one))))
  },
}

const schemaOf = (plain: Plain, node: TypeScript.Expression | undefined): Zod => {
  plainly(node !== undefined)
  return readSchema(plain, node)
}

const listOf = (plain: Plain, node: TypeScript.Expression | undefined): Zod[] => {
  plainly(node !== undefined && plain.ts.isArrayLiteralExpression(node))
  return node.elements.map((one) => readSchema(plain, one))
}

/** Calls on a schema that leave its types as they are. */
const KEEPING: ReadonlySet<string> = new Set(
  words(
    'min max length nonempty size regex includes startsWith endsWith uppercase lowercase trim toLowerCase toUpperCase normalize email url jwt emoji guid uuid uuidv4 uuidv6 uuidv7 nanoid cuid cuid2 ulid base64 base64url xid ksuid ipv4 ipv6 cidrv4 cidrv6 e164 datetime date time duration int safe positive nonnegative negative nonpositive gt gte lt lte multipleOf step finite describe superRefine check strict strip',
  ),
)

/** `schema.…(…)` */
function chained(plain: Plain, schema: Zod, name: string, given: Arguments): Zod {
  if (KEEPING.has(name)) return schema
  const call = CALLS[name]
  plainly(call !== undefined)
  return call(plain, schema, given)
}

const CALLS: Readonly<Record<string, (plain: Plain, schema: Zod, given: Arguments) => Zod>> = {
  nullable: (_, schema) => nullable(schema),
  optional: (_, schema) => optional(schema),
  nullish: (_, schema) => optional(nullable(schema)),
  array: (_, schema) => around([schema], ([of]) => ({ kind: 'array', of: of! })),
  default: (_, { input, output }) => ({
    input: { ...input, optional: true },
    output: { ...output, optional: false },
    entries: null,
  }),
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

const nullable = ({ input, output }: Zod): Zod => {
  const side = ({ type, optional: may }: Side): Side => ({ optional: may, type: unionOfArms([{ kind: 'null' }, type]) })
  return { input: side(input), output: side(output), entries: null }
}

const optional = ({ input, output }: Zod): Zod => ({
  input: { ...input, optional: true },
  output: { ...output, optional: true },
  entries: null,
})

const ownEntries = ({ entries }: Zod): ReadonlyMap<string, Entry> => {
  plainly(entries !== null)
  return entries
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
  if (ts.isIdentifier(node)) return entriesOf(plain, initializerOf(plain, node))
  plainly(ts.isObjectLiteralExpression(node))
  const entries = new Map<string, Entry>()
  for (const one of node.properties) {
    if (ts.isSpreadAssignment(one))
      for (const [name, entry] of entriesOf(plain, one.expression)) entries.set(name, entry)
    else {
      plainly(ts.isPropertyAssignment(one) && ts.isIdentifier(one.name))
      entries.set(one.name.text, { node: one, schema: readSchema(plain, one.initializer) })
    }
  }
  return entries
}

function objectOf(entries: ReadonlyMap<string, Entry>): Zod {
  plainly(entries.size > 0)
  const side = (of: 'input' | 'output'): Side => {
    const members = [...entries].map(([name, { schema }]) => ({
      name,
      optional: schema[of].optional,
      type: schema[of].type,
    }))
    // As zod's own types put them: what must be there first.
    const properties = members.toSorted((a, b) => Number(a.optional) - Number(b.optional))
    return { optional: false, type: { kind: 'object', name: null, properties, index: null } }
  }
  return { input: side('input'), output: side('output'), entries }
}
