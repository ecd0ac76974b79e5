import type { ts as TypeScript } from 'ts-morph'
import { isTypeNode } from '../declarations.ts'
import { plainly } from './not-plain.ts'
import type { Plain } from './plain.ts'

/** What a written type stands for, without parentheses and behind the aliases that it names. */
export interface Meant {
  readonly node: TypeScript.TypeNode | TypeScript.InterfaceDeclaration | TypeScript.EnumDeclaration
  /** The name that the compiler gives it: of the interface, or of the alias that it was written for. */
  readonly label: string | null
}

/** Generic types of the standard library that the grammar knows, and whether what they make may take the name of an alias. */
const WRAPPERS: Readonly<Record<string, boolean>> = {
  Pick: true,
  Omit: true,
  Record: true,
  Partial: false,
  Readonly: false,
}

export function meantBy(plain: Plain, written: TypeScript.TypeNode): Meant {
  const { ts } = plain
  let node: TypeScript.TypeNode = written
  // An alias names what is written for it; a reference to another one keeps the name of that.
  let label: string | null = ts.isTypeAliasDeclaration(written.parent) ? written.parent.name.text : null
  for (let steps = 0; ; steps += 1) {
    plainly(steps < 50) // an alias of itself
    if (ts.isParenthesizedTypeNode(node)) {
      node = node.type
      continue
    }
    const found =
      ts.isTypeReferenceNode(node) && ts.isIdentifier(node.typeName) ? declaredType(plain, node, node.typeName) : null
    if (found === null) {
      const wrapper = ts.isTypeReferenceNode(node) ? nameOf(plain, node.typeName) : ''
      const takesName = WRAPPERS[wrapper]
      return { node, label: takesName === undefined || (takesName && label !== null) ? label : wrapper }
    }
    if (ts.isEnumDeclaration(found)) return { node: found, label: found.name.text }
    plainly(!ts.isClassDeclaration(found) && found.typeParameters === undefined)
    if (ts.isInterfaceDeclaration(found)) return { node: found, label: found.name.text }
    node = found.type
    label = found.name.text
  }
}

/** The one type that a name stands for in its file, else null. */
export function declaredType(
  { ts, modules }: Plain,
  at: TypeScript.Node,
  { text }: TypeScript.Identifier,
):
  | TypeScript.InterfaceDeclaration
  | TypeScript.TypeAliasDeclaration
  | TypeScript.ClassDeclaration
  | TypeScript.EnumDeclaration
  | null {
  const found = modules.declared(at, text)
  if (found === null) return null
  const types = found.filter((node) => isTypeNode({ ts }, node) || ts.isEnumDeclaration(node))
  plainly(types.length === 1)
  return types[0]!
}

/** The name of a global type; '' for what the project declares itself. */
export function nameOf({ ts, modules }: Plain, name: TypeScript.EntityName): string {
  if (!ts.isIdentifier(name)) return ''
  return modules.declared(name, name.text) === null ? name.text : ''
}

/** Equal for what the compiler holds to be one type. */
export function identityOf(plain: Plain, written: TypeScript.TypeNode, steps = 0): string {
  const { ts } = plain
  plainly(steps < 50)
  const { node, label } = meantBy(plain, written)
  const place = (one: TypeScript.Node): string => `${one.getSourceFile().fileName}:${one.pos}`
  const inner = (one: TypeScript.TypeNode): string => identityOf(plain, one, steps + 1)
  if (ts.isInterfaceDeclaration(node) || ts.isTypeLiteralNode(node)) return place(node)
  if (ts.isArrayTypeNode(node)) return isDeferred(plain, node) ? place(node) : `${inner(node.elementType)}[]`
  if (ts.isTypeOperatorNode(node)) return `readonly ${inner(node.type)}`
  if (ts.isUnionTypeNode(node) && label === null) return node.types.map(inner).toSorted().join('|')
  if (ts.isTypeReferenceNode(node)) {
    return `${node.typeName.getText()}<${(node.typeArguments ?? []).map(inner).join()}>`
  }
  if (ts.isTupleTypeNode(node)) return `[${node.elements.map(inner).join()}]`
  return label === null ? node.getText() : place(node)
}

/** An array in the body of an alias is a type of its own where its elements are an alias: so may contain the alias itself. */
function isDeferred(plain: Plain, { elementType, parent }: TypeScript.ArrayTypeNode): boolean {
  const { ts } = plain
  let above: TypeScript.Node = parent
  while (ts.isTypeNode(above) && !ts.isTypeLiteralNode(above)) above = above.parent
  return ts.isTypeAliasDeclaration(above) && namesAlias(plain, elementType)
}

function namesAlias(plain: Plain, node: TypeScript.TypeNode): boolean {
  const { ts } = plain
  if (ts.isParenthesizedTypeNode(node)) return namesAlias(plain, node.type)
  if (ts.isUnionTypeNode(node) || ts.isIntersectionTypeNode(node))
    return node.types.some((one) => namesAlias(plain, one))
  if (!ts.isTypeReferenceNode(node) || !ts.isIdentifier(node.typeName)) return false
  const found = declaredType(plain, node, node.typeName)
  return found !== null && ts.isTypeAliasDeclaration(found)
}
