import type { ts as TypeScript } from 'ts-morph'
import { type TsType, unionOf } from '../../type-model.ts'
import { DEEPEST } from '../types.ts'
import { identityOf, meantBy, nameOf } from './names.ts'
import { plainly } from './not-plain.ts'
import type { Plain } from './plain.ts'
import { memberType, type Shape, shapeOf } from './shapes.ts'
import { constantList, literalOf, unionOfArms } from './values.ts'

/** See `Plain.typeOf`. */
export function plainType(plain: Plain, written: TypeScript.TypeNode, within: readonly string[] = []): TsType {
  const { ts } = plain
  const { node, label } = meantBy(plain, written)
  const inner = (other: TypeScript.TypeNode, identity: string): TsType => plainType(plain, other, [...within, identity])
  const keyword = KEYWORDS[ts.SyntaxKind[node.kind]]
  if (keyword !== undefined) return keyword
  if (ts.isEnumDeclaration(node)) return unionOf(node.members.map((member) => literalOf(plain, member.initializer)))
  if (ts.isLiteralTypeNode(node)) return literalOf(plain, node.literal)
  if (ts.isUnionTypeNode(node)) return unionOfArms(node.types.map((arm) => plainType(plain, arm, within)))
  if (ts.isFunctionTypeNode(node) || ts.isConstructorTypeNode(node)) return { kind: 'function' }
  if (ts.isIndexedAccessTypeNode(node)) return indexed(plain, node)
  if (ts.isTypeReferenceNode(node)) {
    const inferred = inferredBy(plain, node)
    if (inferred !== null) {
      plainly(within.length + depthOf(inferred) <= DEEPEST)
      return inferred
    }
    const value = enumValue(plain, node)
    if (value !== null) return value
    const name = nameOf(plain, node.typeName)
    if (FOREIGN.has(name)) return { kind: 'named', name }
  }
  const identity = identityOf(plain, written)
  if (within.includes(identity)) return { kind: 'recursive', name: recursiveName(plain, written) }
  plainly(within.length <= DEEPEST)
  const element = elementOf(plain, node)
  if (element !== null) return { kind: 'array', of: inner(element, identity) }
  if (ts.isTupleTypeNode(node))
    return { kind: 'tuple', of: node.elements.map((one) => inner(tupleElement(plain, one), identity)) }
  const brand = ts.isIntersectionTypeNode(node) ? brandOf(plain, node, label, within) : null
  if (brand !== null) return brand
  const shape = shapeOf(plain, written)
  plainly(shape !== null)
  return objectOf(plain, shape, [...within, identity])
}

const KEYWORDS: Readonly<Record<string, TsType>> = {
  StringKeyword: { kind: 'primitive', name: 'string' },
  NumberKeyword: { kind: 'primitive', name: 'number' },
  BooleanKeyword: { kind: 'primitive', name: 'boolean' },
  BigIntKeyword: { kind: 'primitive', name: 'bigint' },
  SymbolKeyword: { kind: 'primitive', name: 'symbol' },
  AnyKeyword: { kind: 'any' },
  UnknownKeyword: { kind: 'unknown' },
  NeverKeyword: { kind: 'never' },
  UndefinedKeyword: { kind: 'undefined' },
  VoidKeyword: { kind: 'undefined' },
  ObjectKeyword: { kind: 'object', name: null, properties: [], index: { kind: 'unknown' } },
}

/** Global classes and interfaces that rows hold, whatever their parameters; `Buffer`, `URL` and `Blob` are always there. */
const FOREIGN: ReadonlySet<string> = new Set([
  'Date',
  'Map',
  'ReadonlyMap',
  'Set',
  'ReadonlySet',
  'RegExp',
  'Promise',
  'Error',
  'Uint8Array',
  'ArrayBuffer',
  'Buffer',
  'URL',
  'Blob',
])

/** `Status.Open` */
function enumValue(plain: Plain, { typeName }: TypeScript.TypeReferenceNode): TsType | null {
  const { ts, modules } = plain
  if (!ts.isQualifiedName(typeName) || !ts.isIdentifier(typeName.left)) return null
  const found = modules.declared(typeName, typeName.left.text)?.find((node) => ts.isEnumDeclaration(node))
  const member = found?.members.find(({ name }) => name.getText() === typeName.right.text)
  plainly(member !== undefined)
  return literalOf(plain, member.initializer)
}

/** `T[]`, `readonly T[]`, `Array<T>`, `ReadonlyArray<T>`. */
export function elementOf(plain: Plain, node: TypeScript.Node): TypeScript.TypeNode | null {
  const { ts } = plain
  if (ts.isArrayTypeNode(node)) return node.elementType
  if (ts.isTypeOperatorNode(node)) {
    plainly(node.operator === ts.SyntaxKind.ReadonlyKeyword && ts.isArrayTypeNode(node.type))
    return node.type.elementType
  }
  if (!ts.isTypeReferenceNode(node) || !['Array', 'ReadonlyArray'].includes(nameOf(plain, node.typeName))) return null
  plainly(node.typeArguments?.length === 1)
  return node.typeArguments[0]!
}

function tupleElement({ ts }: Plain, node: TypeScript.TypeNode | TypeScript.NamedTupleMember): TypeScript.TypeNode {
  plainly(!ts.isNamedTupleMember(node) && !ts.isRestTypeNode(node) && !ts.isOptionalTypeNode(node))
  return node
}

/** `string & { readonly __brand: 'TaskId' }` under a name. */
function brandOf(
  plain: Plain,
  node: TypeScript.IntersectionTypeNode,
  label: string | null,
  within: readonly string[],
): TsType | null {
  const carriers = node.types.filter((part) => shapeOf(plain, part) === null)
  if (carriers.length === 0) return null
  plainly(carriers.length === 1 && label !== null)
  const of = plainType(plain, carriers[0]!, within)
  plainly((of.kind === 'primitive' && of.name !== 'boolean') || of.kind === 'named')
  return { kind: 'brand', of, text: label }
}

/** `(typeof LIST)[number]`, `Task['id']`. */
function indexed(plain: Plain, node: TypeScript.IndexedAccessTypeNode): TsType {
  const { ts, modules } = plain
  const object = ts.isParenthesizedTypeNode(node.objectType) ? node.objectType.type : node.objectType
  if (ts.isTypeQueryNode(object)) {
    plainly(node.indexType.kind === ts.SyntaxKind.NumberKeyword && ts.isIdentifier(object.exprName))
    const list = modules.declared(node, object.exprName.text)?.find((one) => ts.isVariableDeclaration(one))
    plainly(list !== undefined)
    return unionOfArms(constantList(plain, list).map((value) => literalOf(plain, value)))
  }
  plainly(ts.isLiteralTypeNode(node.indexType) && ts.isStringLiteral(node.indexType.literal))
  const key = node.indexType.literal.text
  const member = shapeOf(plain, object)?.members.find(({ name }) => name === key)
  plainly(member !== undefined && !member.optional)
  return memberType(plain, member, [])
}

/** `z.infer<typeof TaskSchema>` within another type. */
function inferredBy(plain: Plain, node: TypeScript.TypeReferenceNode): TsType | null {
  const { ts, modules } = plain
  const { typeName, typeArguments } = node
  if (!ts.isQualifiedName(typeName) || !ts.isIdentifier(typeName.left)) return null
  if (!modules.isZod(node, typeName.left.text)) return null
  const side = { infer: 'output', output: 'output', TypeOf: 'output', input: 'input' }[typeName.right.text]
  const query = typeArguments?.[0]
  plainly(side !== undefined && query !== undefined && ts.isTypeQueryNode(query) && ts.isIdentifier(query.exprName))
  const found = plain.schemaOf(plain, query.exprName)[side as 'input' | 'output']
  plainly(!found.optional)
  return found.type
}

function objectOf(plain: Plain, { label, members, index }: Shape, within: readonly string[]): TsType {
  return {
    kind: 'object',
    name: label,
    properties: members.map((member) => ({
      name: member.name,
      optional: member.optional,
      type: memberType(plain, member, within),
    })),
    index: index === null ? null : plainType(plain, index, within),
  }
}

const depthOf = (type: TsType): number =>
  1 +
  Math.max(
    0,
    ...(type.kind === 'union' || type.kind === 'tuple'
      ? type.of.map(depthOf)
      : type.kind === 'array' || type.kind === 'brand'
        ? [depthOf(type.of)]
        : type.kind === 'object'
          ? [...type.properties.map((member) => depthOf(member.type)), type.index === null ? 0 : depthOf(type.index)]
          : []),
  )

/** The compiler's own text for a type that contains itself. */
function recursiveName(plain: Plain, written: TypeScript.TypeNode): string {
  const { ts } = plain
  const { node, label } = meantBy(plain, written)
  plainly(!ts.isTypeReferenceNode(node)) // the compiler says what its parameters are
  if (label !== null) return label
  const readonly = ts.isTypeOperatorNode(node) ? 'readonly ' : ''
  const element = elementOf(plain, node)
  if (element !== null && ts.isTypeReferenceNode(element) && element.typeArguments === undefined)
    return `${readonly}${element.getText()}[]`
  plainly(ts.isTypeLiteralNode(node) && node.members.length === 1)
  const [index] = node.members
  plainly(index !== undefined && ts.isIndexSignatureDeclaration(index) && ts.isTypeReferenceNode(index.type))
  plainly(index.type.typeArguments === undefined)
  return `{ ${index.getText().replace(/[;,]$/, '')}; }`
}
