import type { ts as TypeScript } from 'ts-morph'
import { armsOf, type TsType, unionOf } from '../../type-model.ts'
import { plainly } from './not-plain.ts'
import type { Plain } from './plain.ts'

/** The type of a literal, or of a value of an array, an object or an enum's member. */
export function literalOf({ ts }: Plain, node: TypeScript.Node | undefined): TsType {
  plainly(node !== undefined)
  if (node.kind === ts.SyntaxKind.NullKeyword) return { kind: 'null' }
  if (node.kind === ts.SyntaxKind.TrueKeyword) return { kind: 'literal', value: true }
  if (node.kind === ts.SyntaxKind.FalseKeyword) return { kind: 'literal', value: false }
  if (ts.isStringLiteral(node)) return { kind: 'literal', value: node.text }
  if (ts.isNumericLiteral(node)) return { kind: 'literal', value: Number(node.text) }
  const negative = ts.isPrefixUnaryExpression(node) && node.operator === ts.SyntaxKind.MinusToken
  plainly(negative && ts.isNumericLiteral(node.operand))
  return { kind: 'literal', value: -Number(node.operand.text) }
}

// What the compiler creates first stands first in its unions.
const RANKS: Readonly<Record<string, number>> = { undefined: 0, null: 1, string: 2, number: 3, bigint: 4, symbol: 7 }
const rankOf = (type: TsType): number =>
  type.kind === 'literal' && typeof type.value === 'boolean'
    ? type.value
      ? 6
      : 5
    : (RANKS[type.kind === 'primitive' ? type.name : type.kind] ?? (type.kind === 'primitive' ? 9 : 8))

/** A union as the compiler reduces it: a primitive takes in its literals, `any` and `unknown` everything. */
export function unionOfArms(written: readonly TsType[]): TsType {
  const arms = written.flatMap(armsOf).filter(({ kind }) => kind !== 'never')
  if (arms.length === 0) return { kind: 'never' }
  const all = arms.find(({ kind }) => kind === 'any') ?? arms.find(({ kind }) => kind === 'unknown')
  if (all !== undefined) return all
  const primitives = new Set(arms.flatMap((arm) => (arm.kind === 'primitive' ? [arm.name as string] : [])))
  const kept = arms.filter((arm) => arm.kind !== 'literal' || !primitives.has(typeof arm.value))
  return unionOf(kept.toSorted((a, b) => rankOf(a) - rankOf(b)))
}

/** `['a', 'b'] as const` */
export function constantList(
  { ts }: Plain,
  { initializer, type }: TypeScript.VariableDeclaration,
): readonly TypeScript.Expression[] {
  plainly(type === undefined && initializer !== undefined && ts.isAsExpression(initializer))
  plainly(ts.isConstTypeReference(initializer.type) && ts.isArrayLiteralExpression(initializer.expression))
  return initializer.expression.elements
}
