import type { ts as TypeScript } from 'ts-morph'
import { type Member, type TsType, unionOf } from '../type-model.ts'
import { type Compiled, isOwnFile } from './reader.ts'

// Deep enough for a JSON document that people type by hand; below that a type is not looked at.
export const DEEPEST = 8

/** The structure of a compiler type. `within` are the types that it stands in, so that recursion ends. */
export function toTsType(reader: Compiled, type: TypeScript.Type, within: readonly TypeScript.Type[] = []): TsType {
  const { ts, checker } = reader
  const { TypeFlags } = ts
  const is = (flags: TypeScript.TypeFlags): boolean => (type.flags & flags) !== 0
  const inner = (other: TypeScript.Type): TsType => toTsType(reader, other, [...within, type])

  if (is(TypeFlags.Any)) return isError(type) ? { kind: 'unresolved', text: textOf(reader, type) } : { kind: 'any' }
  if (is(TypeFlags.Unknown)) return { kind: 'unknown' }
  if (is(TypeFlags.Never)) return { kind: 'never' }
  if (is(TypeFlags.Null)) return { kind: 'null' }
  if (is(TypeFlags.Undefined | TypeFlags.Void)) return { kind: 'undefined' }
  if (is(TypeFlags.Boolean)) return { kind: 'primitive', name: 'boolean' }
  if (is(TypeFlags.BooleanLiteral)) return { kind: 'literal', value: checker.typeToString(type) === 'true' }
  if (is(TypeFlags.StringLiteral | TypeFlags.NumberLiteral)) {
    return { kind: 'literal', value: (type as TypeScript.StringLiteralType | TypeScript.NumberLiteralType).value }
  }
  if (is(TypeFlags.TemplateLiteral | TypeFlags.StringMapping)) return { kind: 'template', text: textOf(reader, type) }
  if (is(TypeFlags.BigIntLike)) return { kind: 'primitive', name: 'bigint' }
  if (is(TypeFlags.ESSymbolLike)) return { kind: 'primitive', name: 'symbol' }
  if (type.isUnion()) return unionOf(type.types.map((arm) => toTsType(reader, arm, within)))
  if (is(TypeFlags.StringLike)) return { kind: 'primitive', name: 'string' }
  if (is(TypeFlags.NumberLike)) return { kind: 'primitive', name: 'number' }
  if (type.isIntersection()) return intersection(reader, type, within)
  if (is(TypeFlags.NonPrimitive)) return { kind: 'object', name: null, properties: [], index: { kind: 'unknown' } }
  if (!is(TypeFlags.Object)) return { kind: 'unresolved', text: textOf(reader, type) }

  if (within.includes(type) || within.length > DEEPEST) return { kind: 'recursive', name: textOf(reader, type) }
  if (checker.isArrayType(type)) return { kind: 'array', of: inner(typeArguments(reader, type)[0]!) }
  if (checker.isTupleType(type)) return { kind: 'tuple', of: typeArguments(reader, type).map(inner) }
  if (type.getCallSignatures().length + type.getConstructSignatures().length > 0) return { kind: 'function' }
  if (isForeign(reader, type)) return { kind: 'named', name: type.symbol.name }
  return object(reader, type, within)
}

const typeArguments = (reader: Compiled, type: TypeScript.Type): readonly TypeScript.Type[] =>
  reader.checker.getTypeArguments(type as TypeScript.TypeReference)

/** The full text of a type, for messages and fixes. */
export const textOf = (reader: Compiled, type: TypeScript.Type): string =>
  reader.checker.typeToString(type, undefined, reader.ts.TypeFormatFlags.NoTruncation)

// The compiler gives `any` for what it cannot find; only this inner name tells it from an `any` that was written.
const isError = (type: TypeScript.Type): boolean =>
  ['error', 'unresolved'].includes((type as { intrinsicName?: string }).intrinsicName ?? '')

/** A class or interface that the project did not write. */
export function isForeign(reader: Compiled, type: TypeScript.Type): boolean {
  const { ts } = reader
  const symbol = type.getSymbol()
  if (symbol === undefined || (symbol.flags & (ts.SymbolFlags.Class | ts.SymbolFlags.Interface)) === 0) return false
  return (symbol.declarations ?? []).every((declaration) => !isOwnFile(reader, declaration.getSourceFile()))
}

/** A brand when exactly one part carries a value and the others are plain objects; else the object of all parts. */
function intersection(reader: Compiled, type: TypeScript.IntersectionType, within: readonly TypeScript.Type[]): TsType {
  const { ts } = reader
  const carriers = type.types.filter((part) => (part.flags & ts.TypeFlags.Object) === 0 || isForeign(reader, part))
  if (carriers.length !== 1) return object(reader, type, within)
  return { kind: 'brand', of: toTsType(reader, carriers[0]!, within), text: textOf(reader, type) }
}

function object(reader: Compiled, type: TypeScript.Type, within: readonly TypeScript.Type[]): TsType {
  const { ts, checker } = reader
  const inner = (other: TypeScript.Type): TsType => toTsType(reader, other, [...within, type])
  const symbol = type.aliasSymbol ?? type.getSymbol()
  const isClass = type.isClass()
  const properties = checker
    .getPropertiesOfType(type)
    .filter((property) => !(isClass && (property.flags & ts.SymbolFlags.Method) !== 0))
    .map((property): Member => {
      const optional = (property.flags & ts.SymbolFlags.Optional) !== 0
      const own = inner(checker.getTypeOfSymbol(property))
      return { name: property.name, optional, type: optional ? withoutUndefined(own) : own }
    })
  const index = checker.getIndexInfosOfType(type)[0]
  return {
    kind: 'object',
    name: symbol === undefined || symbol.name.startsWith('__') ? null : symbol.name,
    properties,
    index: index === undefined ? null : inner(index.type),
  }
}

/** What an optional property holds when it is there. */
export function withoutUndefined(type: TsType): TsType {
  if (type.kind !== 'union') return type
  return unionOf(type.of.filter(({ kind }) => kind !== 'undefined'))
}
