import type { ts as TypeScript } from 'ts-morph'
import type { Derivation, TsType } from '../type-model.ts'
import { type Content, contentOf } from './properties.ts'
import type { Reader } from './reader.ts'

/** A zod schema, found by its types alone: none of the team's code runs. */
export interface ZodSchema {
  /** The name of the constant. */
  readonly name: string
  readonly declaration: TypeScript.VariableDeclaration
  readonly input: TypeScript.Type
  readonly output: TypeScript.Type
}

/** The schema behind `z.infer<typeof XSchema>` (also `z.input`, `z.output`, `z.TypeOf`, under any name), else null. */
export function inferredSchema(reader: Reader, node: TypeScript.TypeNode | undefined): ZodSchema | null {
  const { ts } = reader
  if (node === undefined) return null
  const argument =
    ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node) ? node.typeArguments?.[0] : undefined
  if (argument === undefined || !ts.isTypeQueryNode(argument)) return null
  const declaration = declarationOf(reader, argument.exprName)
  return declaration === null ? null : schemaOf(reader, declaration)
}

/** The schema that a constant holds, else null. */
export function schemaOf(reader: Reader, declaration: TypeScript.VariableDeclaration): ZodSchema | null {
  const { ts, checker } = reader
  if (!ts.isIdentifier(declaration.name)) return null
  const type = checker.getTypeAtLocation(declaration.name)
  const [input, output] = ['_input', '_output'].map((name) => type.getProperty(name))
  if (input === undefined || output === undefined) return null
  return {
    name: declaration.name.text,
    declaration,
    input: checker.getTypeOfSymbolAtLocation(input, declaration),
    output: checker.getTypeOfSymbolAtLocation(output, declaration),
  }
}

/** The properties of a schema's input; where its output differs, a converter stands between, and `output` says to what. */
export function schemaContent(reader: Reader, schema: ZodSchema): Content {
  const find = (name: string): TypeScript.Node | undefined => findKey(reader, schema.declaration.initializer, name)
  const input = contentOf(reader, schema.input, schema.declaration, find)
  const output = contentOf(reader, schema.output, schema.declaration, find)
  const outputs = new Map(output.properties?.map((property) => [property.name, property]))
  const properties = input.properties?.map((property) => {
    const after = outputs.get(property.name)
    const same = after === undefined || (sameType(after.type, property.type) && after.optional === property.optional)
    return same ? property : { ...property, output: after.optional ? optionalType(after.type) : after.type }
  })
  return { properties: properties ?? null, methods: 0 }
}

const optionalType = (type: TsType): TsType => ({ kind: 'union', of: [type, { kind: 'undefined' }] })
const sameType = (a: TsType, b: TsType): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What a schema is made from: `TaskSchema.omit({ id: true })` is derived from `TaskSchema`. */
export function schemaDerivations(reader: Reader, schema: ZodSchema): Derivation[] {
  const { ts } = reader
  const found: Derivation[] = []
  let node: TypeScript.Expression | undefined = schema.declaration.initializer
  while (node !== undefined) {
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const by = DERIVING.get(node.expression.name.text)
      if (by !== undefined) found.push({ from: '', by })
      node = node.expression.expression
    } else if (ts.isPropertyAccessExpression(node)) node = node.expression
    else break
  }
  const root = node !== undefined && ts.isIdentifier(node) ? node : null
  const declaration = root === null ? null : declarationOf(reader, root)
  if (root === null || declaration === null || schemaOf(reader, declaration) === null) return []
  return (found.length === 0 ? [{ from: '', by: 'alias' as const }] : found).map(({ by }) => ({ from: root.text, by }))
}

const DERIVING: ReadonlyMap<string, Derivation['by']> = new Map([
  ['omit', 'omit'],
  ['pick', 'pick'],
  ['partial', 'partial'],
  ['required', 'required'],
  ['extend', 'extends'],
  ['safeExtend', 'extends'],
  ['merge', 'extends'],
])

function declarationOf(reader: Reader, name: TypeScript.Node): TypeScript.VariableDeclaration | null {
  const { ts, checker } = reader
  const symbol = checker.getSymbolAtLocation(name)
  if (symbol === undefined) return null
  const real = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)
  return real.declarations?.find((node) => ts.isVariableDeclaration(node)) ?? null
}

/** The `key: …` of a schema's object literal, through `.extend({…})`, `.omit(…)`, spreads and base schemas. */
function findKey(
  reader: Reader,
  node: TypeScript.Node | undefined,
  name: string,
  seen: ReadonlySet<TypeScript.Node> = new Set(),
): TypeScript.Node | undefined {
  const { ts } = reader
  if (node === undefined || seen.has(node)) return undefined
  const next = new Set([...seen, node])
  const first = (nodes: readonly TypeScript.Node[]): TypeScript.Node | undefined => {
    for (const one of nodes) {
      const found = findKey(reader, one, name, next)
      if (found !== undefined) return found
    }
    return undefined
  }
  if (ts.isCallExpression(node)) return first([...node.arguments, node.expression])
  if (ts.isPropertyAccessExpression(node)) return first([node.expression])
  if (ts.isArrayLiteralExpression(node)) return first(node.elements)
  if (ts.isIdentifier(node)) return first([declarationOf(reader, node)?.initializer].filter((one) => one !== undefined))
  if (!ts.isObjectLiteralExpression(node)) return undefined
  const own = node.properties.find(
    (one) => (ts.isPropertyAssignment(one) || ts.isShorthandPropertyAssignment(one)) && one.name.getText() === name,
  )
  return own ?? first(node.properties.filter(ts.isSpreadAssignment).map(({ expression }) => expression))
}
