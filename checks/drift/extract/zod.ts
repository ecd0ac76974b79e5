import type { ts as TypeScript } from 'ts-morph'
import type { Derivation, Property, TsType } from '../type-model.ts'
import type { Reader, Schema } from './reader.ts'

/** The schema behind `z.infer<typeof XSchema>` (also `z.input`, `z.output`, `z.TypeOf`, under any name), else null. */
export function inferredSchema(reader: Reader, node: TypeScript.TypeNode | undefined): Schema | null {
  const { ts } = reader
  if (node === undefined) return null
  const argument =
    ts.isTypeReferenceNode(node) || ts.isExpressionWithTypeArguments(node) ? node.typeArguments?.[0] : undefined
  if (argument === undefined || !ts.isTypeQueryNode(argument)) return null
  const declaration = reader.constantOf(argument.exprName)
  return declaration === null ? null : reader.schemaOf(declaration)
}

/** The properties of an input, each with what the output makes of it where that is another type. */
export function withOutputs(input: readonly Property[], output: readonly Property[]): Property[] {
  const outputs = new Map(output.map((property) => [property.name, property]))
  return input.map((property) => {
    const after = outputs.get(property.name)
    const same = after === undefined || (sameType(after.type, property.type) && after.optional === property.optional)
    return same ? property : { ...property, output: after.optional ? optionalType(after.type) : after.type }
  })
}

const optionalType = (type: TsType): TsType => ({ kind: 'union', of: [type, { kind: 'undefined' }] })
const sameType = (a: TsType, b: TsType): boolean => JSON.stringify(a) === JSON.stringify(b)

/** What a schema is made from: `TaskSchema.omit({ id: true })` is derived from `TaskSchema`. */
export function schemaDerivations(reader: Reader, schema: Schema): Derivation[] {
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
  const declaration = root === null ? null : reader.constantOf(root)
  if (root === null || declaration === null || reader.schemaOf(declaration) === null) return []
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

/** The `key: …` of a schema's object literal, through `.extend({…})`, `.omit(…)`, spreads and base schemas. */
export function findKey(
  reader: Pick<Reader, 'ts' | 'constantOf'>,
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
  if (ts.isIdentifier(node)) return first([reader.constantOf(node)?.initializer].filter((one) => one !== undefined))
  if (!ts.isObjectLiteralExpression(node)) return undefined
  const own = node.properties.find(
    (one) => (ts.isPropertyAssignment(one) || ts.isShorthandPropertyAssignment(one)) && one.name.getText() === name,
  )
  return own ?? first(node.properties.filter(ts.isSpreadAssignment).map(({ expression }) => expression))
}
