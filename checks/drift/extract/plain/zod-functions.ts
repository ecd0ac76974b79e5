import type { ts as TypeScript } from 'ts-morph'
import { plainly } from './not-plain.ts'
import type { Plain, Written } from './plain.ts'
import { arrayOf, nullable, optional, piped, type Schema } from './schema.ts'
import { SIMPLE } from './simple-schemas.ts'

type FunctionNode = TypeScript.ArrowFunction | TypeScript.FunctionExpression | TypeScript.FunctionDeclaration

/** The one function that a name stands for. */
export function functionOf({ ts, modules, bound }: Plain, name: TypeScript.Identifier): FunctionNode {
  plainly(!bound.has(name.text))
  const found = modules.declared(name, name.text) ?? []
  const [declared] = found
  plainly(declared !== undefined && found.length === 1)
  if (ts.isFunctionDeclaration(declared)) return declared
  plainly(ts.isVariableDeclaration(declared) && declared.type === undefined && declared.initializer !== undefined)
  plainly(ts.isArrowFunction(declared.initializer) || ts.isFunctionExpression(declared.initializer))
  return declared.initializer
}

/** What a call of a function gives: the schema that it says to return, or the expression that it returns. */
export function returnedBy(
  plain: Plain,
  made: FunctionNode,
  { arguments: given, typeArguments }: TypeScript.CallExpression,
): Written | { readonly schema: Schema } {
  const { ts } = plain
  plainly(typeArguments === undefined && !isAsync(plain, made) && made.asteriskToken === undefined)
  const generic = new Set((made.typeParameters ?? []).map(({ name }) => name.text))
  const bound = new Map<string, Written | null>()
  const byType = new Map<string, Written>()
  for (const [index, { name, type, initializer, dotDotDotToken }] of made.parameters.entries()) {
    plainly(ts.isIdentifier(name) && initializer === undefined && dotDotDotToken === undefined)
    const node = given[index]
    plainly(node !== undefined)
    // Of a parameter with a type of its own that type is known, and not what is given for it.
    const own = type !== undefined && ts.isTypeReferenceNode(type) ? type.typeName.getText() : ''
    const argument = generic.has(own) ? { plain, node } : null
    bound.set(name.text, argument)
    // Of two arguments for one type parameter the compiler makes one type.
    plainly(argument === null || !byType.has(own))
    if (argument !== null) byType.set(own, argument)
  }
  if (made.type !== undefined) return { schema: schemaOfType(plain, made.type, byType) }
  const node = returnedExpression(plain, made)
  plainly(node !== null)
  return { plain: { ...plain, bound }, node }
}

/** `z.ZodNullable<z.ZodString>`, with the schemas that type parameters stand for. */
function schemaOfType(plain: Plain, node: TypeScript.TypeNode, byType: ReadonlyMap<string, Written>): Schema {
  const { ts, modules } = plain
  plainly(ts.isTypeReferenceNode(node))
  const { typeName, typeArguments = [] } = node
  if (ts.isIdentifier(typeName)) {
    const argument = byType.get(typeName.text)
    plainly(argument !== undefined && typeArguments.length === 0)
    return plain.schemaOf(argument.plain, argument.node)
  }
  plainly(ts.isIdentifier(typeName.left) && modules.isZod(node, typeName.left.text))
  const inner = (typeArguments as readonly TypeScript.TypeNode[]).map((one) => schemaOfType(plain, one, byType))
  const known = SCHEMA_TYPES[typeName.right.text]
  plainly(known !== undefined && known.length === inner.length)
  return known.make(...inner)
}

interface SchemaType {
  /** How many schemas it is made around. */
  readonly length: number
  readonly make: (...inner: Schema[]) => Schema
}

const of = (name: string): SchemaType => ({ length: 0, make: () => SIMPLE[name]! })

/** Zod's classes. */
const SCHEMA_TYPES: Readonly<Record<string, SchemaType>> = {
  ZodString: of('string'),
  ZodNumber: of('number'),
  ZodBigInt: of('bigint'),
  ZodBoolean: of('boolean'),
  ZodDate: of('date'),
  ZodNullable: { length: 1, make: (inner) => nullable(inner) },
  ZodOptional: { length: 1, make: (inner) => optional(inner) },
  ZodArray: { length: 1, make: (inner) => arrayOf(inner) },
  ZodCodec: { length: 2, make: (from, to) => piped(from, to) },
  ZodPipe: { length: 2, make: (from, to) => piped(from, to) },
}

/** True when the compiler sees no type guard in a check: what is refined by one is of the guard's type. */
export function isNoGuard(plain: Plain, check: TypeScript.Expression): boolean {
  const { ts } = plain
  const made = ts.isIdentifier(check) ? functionOf(plain, check) : check
  // A call may give a guard.
  if (!ts.isArrowFunction(made) && !ts.isFunctionExpression(made) && !ts.isFunctionDeclaration(made)) return false
  if (made.type !== undefined) return made.type.kind === ts.SyntaxKind.BooleanKeyword
  // A guard is about a parameter that has a name.
  if (!made.parameters.some(({ name }) => ts.isIdentifier(name))) return true
  const returned = returnedExpression(plain, made)
  const own = new Set(made.parameters.map(({ name }) => name.getText()))
  return returned !== null && narrowsNothing(plain, returned, own)
}

/** True for a condition from which the compiler learns no type. */
function narrowsNothing(plain: Plain, node: TypeScript.Expression, own: ReadonlySet<string>): boolean {
  const { ts } = plain
  const inner = (one: TypeScript.Expression): boolean => narrowsNothing(plain, one, own)
  if (ts.isParenthesizedExpression(node)) return inner(node.expression)
  if (ts.isPrefixUnaryExpression(node)) return node.operator === ts.SyntaxKind.ExclamationToken && inner(node.operand)
  if (ts.isBinaryExpression(node)) {
    const { left, right, operatorToken } = node
    if (ORDERING.has(ts.SyntaxKind[operatorToken.kind])) return true
    return LOGICAL.has(ts.SyntaxKind[operatorToken.kind]) && inner(left) && inner(right)
  }
  if (!ts.isCallExpression(node)) return false
  const { expression: called } = node
  if (ts.isIdentifier(called)) {
    return !own.has(called.text) && functionOf(plain, called).type?.kind === ts.SyntaxKind.BooleanKeyword
  }
  return ts.isPropertyAccessExpression(called) && ts.isRegularExpressionLiteral(called.expression)
}

const ORDERING: ReadonlySet<string> = new Set([
  'LessThanToken',
  'LessThanEqualsToken',
  'GreaterThanToken',
  'GreaterThanEqualsToken',
])
const LOGICAL: ReadonlySet<string> = new Set(['AmpersandAmpersandToken', 'BarBarToken'])

/** What a function returns, where that is one expression. */
function returnedExpression({ ts }: Plain, { body }: FunctionNode): TypeScript.Expression | null {
  if (body === undefined) return null
  if (!ts.isBlock(body)) return body
  const [only, ...more] = body.statements
  return only !== undefined && more.length === 0 && ts.isReturnStatement(only) ? (only.expression ?? null) : null
}

const isAsync = ({ ts }: Plain, { modifiers }: FunctionNode): boolean =>
  modifiers?.some(({ kind }) => kind === ts.SyntaxKind.AsyncKeyword) ?? false
