import type { ts as TypeScript } from 'ts-morph'
import { armsOf, type TsType } from '../../type-model.ts'
import { withoutUndefined } from '../types.ts'
import { declaredType, meantBy, nameOf } from './names.ts'
import { plainly } from './not-plain.ts'
import type { Plain } from './plain.ts'

/** A member of an object type. */
export interface ShapeMember {
  readonly name: string
  readonly optional: boolean
  readonly declaration: TypeScript.PropertySignature | TypeScript.MethodSignature
}

/** An object type, member by member. */
export interface Shape {
  /** See `Meant`. */
  readonly label: string | null
  readonly members: readonly ShapeMember[]
  /** What an index signature gives; else null. */
  readonly index: TypeScript.TypeNode | null
}

/** The members of an object type; null for what is none: a primitive, a list of names, an array, a class of others. */
export function shapeOf(plain: Plain, written: TypeScript.TypeNode): Shape | null {
  const { ts } = plain
  const { node, label } = meantBy(plain, written)
  if (ts.isInterfaceDeclaration(node)) return interfaceShape(plain, node)
  if (ts.isTypeLiteralNode(node)) return { label, ...membersOf(plain, node.members) }
  if (ts.isIntersectionTypeNode(node)) {
    const parts = node.types.map((part) => shapeOf(plain, part))
    if (!parts.every((part) => part !== null)) return null
    return { label, members: together(parts), index: null }
  }
  return ts.isTypeReferenceNode(node) ? wrapped(plain, node.typeName, node.typeArguments ?? [], label) : null
}

export function interfaceShape(plain: Plain, node: TypeScript.InterfaceDeclaration): Shape {
  plainly(node.typeParameters === undefined && declaredType(plain, node, node.name) === node)
  const own = membersOf(plain, node.members)
  const names = new Set(own.members.map(({ name }) => name))
  const bases = (node.heritageClauses ?? []).flatMap(({ types }) => types).map((base) => baseShape(plain, base))
  plainly(bases.length === 0 || own.index === null)
  const inherited = together(bases).filter(({ name }) => !names.has(name))
  return { label: node.name.text, members: [...own.members, ...inherited], index: own.index }
}

function baseShape(plain: Plain, base: TypeScript.ExpressionWithTypeArguments): Shape {
  const { ts } = plain
  const { expression, typeArguments = [] } = base
  plainly(ts.isIdentifier(expression))
  const found = declaredType(plain, base, expression)
  const shape =
    found === null
      ? wrapped(plain, expression, typeArguments, null)
      : ts.isInterfaceDeclaration(found)
        ? interfaceShape(plain, found)
        : ts.isTypeAliasDeclaration(found) && found.typeParameters === undefined
          ? shapeOf(plain, found.type)
          : null
  plainly(shape !== null && shape.index === null)
  return shape
}

function membersOf(plain: Plain, nodes: readonly TypeScript.TypeElement[]): Pick<Shape, 'members' | 'index'> {
  const { ts } = plain
  const members: ShapeMember[] = []
  let index: TypeScript.TypeNode | null = null
  for (const node of nodes) {
    if (ts.isIndexSignatureDeclaration(node)) {
      plainly(index === null)
      index = node.type
      continue
    }
    plainly((ts.isPropertySignature(node) || ts.isMethodSignature(node)) && node.name !== undefined)
    plainly(ts.isIdentifier(node.name) || ts.isStringLiteral(node.name))
    const { text: name } = node.name
    plainly(members.every((other) => other.name !== name))
    members.push({ name, optional: node.questionToken !== undefined, declaration: node })
  }
  return { members, index }
}

/** Members of several types; of what two of them have, the compiler makes one. */
function together(shapes: readonly Shape[]): ShapeMember[] {
  const members = shapes.flatMap((shape) => shape.members)
  plainly(new Set(members.map(({ name }) => name)).size === members.length)
  plainly(shapes.every(({ index }) => index === null))
  return members
}

/** `Omit<Task, 'id'>`, `Record<string, number>`. */
function wrapped(
  plain: Plain,
  wrapper: TypeScript.EntityName,
  given: readonly TypeScript.TypeNode[],
  label: string | null,
): Shape | null {
  const { ts } = plain
  const name = nameOf(plain, wrapper)
  const [first, second] = given
  if (name === 'Record') {
    plainly(first?.kind === ts.SyntaxKind.StringKeyword && second !== undefined)
    return { label, members: [], index: second }
  }
  if (!Object.hasOwn(WRAPPED, name)) return null
  plainly(first !== undefined)
  const shape = shapeOf(plain, first)
  plainly(shape !== null && shape.index === null)
  const keys = second === undefined ? null : keysOf(plain, second)
  return { label, members: WRAPPED[name]!(shape.members, keys), index: null }
}

const WRAPPED: Readonly<
  Record<string, (members: readonly ShapeMember[], keys: ReadonlySet<string> | null) => readonly ShapeMember[]>
> = {
  Readonly: (members) => members,
  Partial: (members) => members.map((member) => ({ ...member, optional: true })),
  Omit(members, keys) {
    plainly(keys !== null)
    return members.filter(({ name }) => !keys.has(name))
  },
  Pick(members, keys) {
    plainly(keys !== null && [...keys].every((key) => members.some(({ name }) => name === key)))
    return members.filter(({ name }) => keys.has(name))
  },
}

function keysOf(plain: Plain, node: TypeScript.TypeNode): ReadonlySet<string> {
  return new Set(
    armsOf(plain.typeOf(node)).map((arm) => {
      plainly(arm.kind === 'literal' && typeof arm.value === 'string')
      return arm.value
    }),
  )
}

/** The type of a member when it is there. */
export function memberType(plain: Plain, { declaration, optional }: ShapeMember, within: readonly string[]): TsType {
  const { ts } = plain
  if (ts.isMethodSignature(declaration)) return { kind: 'function' }
  plainly(declaration.type !== undefined)
  const type = plain.typeOf(declaration.type, within)
  if (!optional) return type
  return type.kind === 'never' ? { kind: 'undefined' } : withoutUndefined(type)
}
