import type { ts as TypeScript } from 'ts-morph'
import type { Value } from '../value-set.ts'
import type { Source, TextEdit } from './source-text.ts'

/** Where values are listed: the arms of a union, or the elements of a `const` array or of `z.enum([…])`. */
interface List {
  readonly items: readonly TypeScript.Node[]
  readonly separator: ' | ' | ', '
  /** True when a single item stands before `[]` without parentheses. */
  readonly bare: boolean
  /** The alias or constant that holds the list, when it is not the property itself. */
  readonly name: string | null
}

/** Behind the last value, written as that one is. */
export function addValues(source: Source, node: TypeScript.Declaration, values: readonly Value[]): TextEdit | null {
  const { ts, file } = source
  const list = listOf(source, node)
  const last = list?.items.findLast((item) => valueOf(ts, item) !== undefined)
  if (list === null || last === undefined) return null
  const at = list.items.indexOf(last)
  const before = list.items[at - 1]
  const between = before === undefined ? list.separator : file.text.slice(before.end, last.getStart(file))
  if (/\/[/*]/.test(between)) return null
  const quote = last.getText().startsWith('"') ? '"' : "'"
  const added = values.map((value) => `${between}${written(value, quote)}`).join('')
  if (!list.bare) return { start: last.end, end: last.end, text: added }
  return { start: last.getStart(file), end: last.end, text: `(${last.getText()}${added})` }
}

/** Without these values; what others read as well is left alone. */
export function dropValues(source: Source, node: TypeScript.Declaration, values: readonly Value[]): TextEdit | null {
  const { ts, file } = source
  const list = listOf(source, node)
  if (list === null || (list.name !== null && usesOf(source, list.name) > 1)) return null
  const kept = list.items.filter((item) => {
    const value = valueOf(ts, item)
    return value === undefined || !values.includes(value)
  })
  if (kept.length === list.items.length || !kept.some((item) => valueOf(ts, item) !== undefined)) return null
  const [first, last] = [list.items[0]!, list.items.at(-1)!]
  const gaps = list.items.slice(1).map((item, index) => file.text.slice(list.items[index]!.end, item.getStart(file)))
  if (gaps.some((gap) => /\/[/*]/.test(gap))) return null
  const text = kept
    .map((item, index) => `${index === 0 ? '' : gaps[list.items.indexOf(item) - 1]}${item.getText()}`)
    .join('')
  return { start: first.getStart(file), end: last.end, text }
}

function listOf(source: Source, node: TypeScript.Declaration): List | null {
  const { ts } = source
  if (ts.isPropertySignature(node) || ts.isPropertyDeclaration(node))
    return node.type === undefined ? null : typeList(source, node.type, null)
  return ts.isPropertyAssignment(node) ? schemaList(source, node.initializer) : null
}

function typeList(source: Source, node: TypeScript.TypeNode, name: string | null): List | null {
  const { ts } = source
  if (ts.isParenthesizedTypeNode(node)) return typeList(source, node.type, name)
  if (ts.isTypeOperatorNode(node)) return typeList(source, node.type, name)
  if (ts.isArrayTypeNode(node)) {
    const inner = typeList(source, node.elementType, name)
    return inner && { ...inner, bare: ts.isLiteralTypeNode(node.elementType) }
  }
  if (ts.isUnionTypeNode(node)) {
    if (node.types.some((item) => valueOf(ts, item) !== undefined))
      return { items: node.types, separator: ' | ', bare: false, name }
    const arms = node.types.filter((item) => item.getText() !== 'null' && item.getText() !== 'undefined')
    return arms.length === 1 ? typeList(source, arms[0]!, name) : null
  }
  if (ts.isLiteralTypeNode(node)) return { items: [node], separator: ' | ', bare: false, name }
  if (ts.isTypeReferenceNode(node)) {
    const own = node.typeName.getText()
    if (/^(?:Readonly)?Array$/.test(own) && node.typeArguments?.length === 1)
      return typeList(source, node.typeArguments[0]!, name)
    const alias = source.file.statements.find((one) => ts.isTypeAliasDeclaration(one) && one.name.text === own)
    return alias && ts.isTypeAliasDeclaration(alias) && name !== own ? typeList(source, alias.type, own) : null
  }
  if (!ts.isIndexedAccessTypeNode(node)) return null
  const constant = /^\(?typeof (\w+)\)?\[number\]$/.exec(node.getText())?.[1]
  return constant === undefined ? null : constantList(source, constant)
}

function constantList(source: Source, name: string): List | null {
  const { ts, file } = source
  const declaration = file.statements
    .flatMap((statement) => (ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : []))
    .find((one) => one.name.getText() === name)
  let value = declaration?.initializer
  while (value !== undefined && (ts.isAsExpression(value) || ts.isSatisfiesExpression(value))) value = value.expression
  if (value === undefined || !ts.isArrayLiteralExpression(value)) return null
  return { items: value.elements, separator: ', ', bare: false, name }
}

/** `z.enum([…])`, with whatever is chained to it. */
function schemaList(source: Source, node: TypeScript.Expression): List | null {
  const { ts } = source
  if (!ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null
  const [first] = node.arguments
  if (node.expression.name.text !== 'enum') return schemaList(source, node.expression.expression)
  if (first !== undefined && ts.isIdentifier(first)) return constantList(source, first.text)
  return first !== undefined && ts.isArrayLiteralExpression(first)
    ? { items: first.elements, separator: ', ', bare: false, name: null }
    : null
}

function valueOf(ts: typeof TypeScript, node: TypeScript.Node): Value | undefined {
  const literal = ts.isLiteralTypeNode(node) ? node.literal : node
  if (ts.isStringLiteral(literal) || ts.isNoSubstitutionTemplateLiteral(literal)) return literal.text
  if (ts.isNumericLiteral(literal)) return Number(literal.text)
  if (literal.kind === ts.SyntaxKind.TrueKeyword) return true
  return literal.kind === ts.SyntaxKind.FalseKeyword ? false : undefined
}

/** How often a name is spoken of, its own declaration apart. */
function usesOf({ ts, file }: Source, name: string): number {
  let uses = 0
  const visit = (node: TypeScript.Node): void => {
    if (ts.isIdentifier(node) && node.text === name) uses += 1
    ts.forEachChild(node, visit)
  }
  visit(file)
  return uses - 1
}

const written = (value: Value, quote: string): string =>
  typeof value === 'string'
    ? `${quote}${value.replaceAll('\\', '\\\\').replaceAll(quote, `\\${quote}`)}${quote}`
    : String(value)
