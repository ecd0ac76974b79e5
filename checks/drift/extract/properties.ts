import type { ts as TypeScript } from 'ts-morph'
import { type Property, type TsType, hasUndefined, unionOf } from '../type-model.ts'
import { type Compiled, type Content, isOwnFile, nameLocation } from './reader.ts'
import { tagsOf } from './tags.ts'
import { textOf, toTsType, withoutUndefined } from './types.ts'

/** Where to look for the declaration of a property that the compiler's own symbol does not lead to. */
export type FindDeclaration = (name: string) => TypeScript.Node | undefined

/** Reads the properties of a type; those of a union of objects are merged, arm by arm. */
export function contentOf(
  reader: Compiled,
  type: TypeScript.Type,
  at: TypeScript.Node,
  find: FindDeclaration = () => undefined,
): Content {
  const arms = (type.isUnion() ? type.types : [type]).filter((arm) => !isNullish(reader, arm))
  if (arms.length === 0 || !arms.every((arm) => isPlainObject(reader, arm))) return { properties: null, methods: 0 }
  const read = arms.map((arm) => armContent(reader, arm, at, find))
  return {
    properties: mergeArms(read.map(({ properties }) => properties)).toSorted(asWritten),
    methods: Math.max(...read.map(({ methods }) => methods)),
  }
}

/** The compiler's own order depends on what it happened to look at first. */
export const asWritten = ({ location: a }: Property, { location: b }: Property): number =>
  a.file.localeCompare(b.file) || a.line! - b.line! || a.column! - b.column!

const isNullish = ({ ts }: Compiled, type: TypeScript.Type): boolean =>
  (type.flags & (ts.TypeFlags.Null | ts.TypeFlags.Undefined)) !== 0

function isPlainObject(reader: Compiled, type: TypeScript.Type): boolean {
  const read = toTsType(reader, type)
  return read.kind === 'object' && (read.properties.length > 0 || read.index === null)
}

function armContent(
  reader: Compiled,
  type: TypeScript.Type,
  at: TypeScript.Node,
  find: FindDeclaration,
): { properties: Property[]; methods: number } {
  const { ts, checker } = reader
  const properties: Property[] = []
  let methods = 0
  for (const symbol of checker.getPropertiesOfType(type)) {
    const declared = symbol.declarations?.find((node) => isOwnFile(reader, node.getSourceFile())) ?? find(symbol.name)
    if (declared === undefined && type.isClass()) continue // inherited from a library's class
    if (declared !== undefined && isHidden(reader, declared)) continue
    const whole = checker.getTypeOfSymbolAtLocation(symbol, at)
    const read = toTsType(reader, whole)
    const optional = (symbol.flags & ts.SymbolFlags.Optional) !== 0
    if ((symbol.flags & ts.SymbolFlags.Method) !== 0 || withoutUndefined(read).kind === 'function') {
      methods += 1
      continue
    }
    const node = declared ?? at
    properties.push({
      name: symbol.name,
      optional,
      type: optional ? withoutUndefined(read) : read,
      text: writtenType(reader, declared) ?? textOf(reader, whole),
      output: null,
      someArms: false,
      // Omit and Pick turn a class's getter into a property.
      computed: (symbol.flags & ts.SymbolFlags.Accessor) !== 0 || (declared !== undefined && ts.isAccessor(declared)),
      tags: declared === undefined ? [] : tagsOf(reader, declared),
      location: nameLocation(reader, node),
    })
  }
  return { properties, methods }
}

/** Private, protected, static and `#private` members never meet a column. */
function isHidden({ ts }: Compiled, node: TypeScript.Node): boolean {
  if (!ts.isClassElement(node) && !ts.isParameter(node)) return false
  const { Private, Protected, Static } = ts.ModifierFlags
  return (
    (ts.getCombinedModifierFlags(node) & (Private | Protected | Static)) !== 0 ||
    (node.name !== undefined && ts.isPrivateIdentifier(node.name))
  )
}

export function writtenType({ ts }: Pick<Compiled, 'ts'>, node: TypeScript.Node | undefined): string | null {
  if (node === undefined) return null
  const typed = ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isParameter(node)
  if (typed) return node.type?.getText() ?? null
  if (ts.isShorthandPropertyAssignment(node)) return node.name.text
  return ts.isPropertyAssignment(node) ? node.initializer.getText() : null
}

function mergeArms(arms: readonly (readonly Property[])[]): Property[] {
  const byName = Map.groupBy(arms.flat(), ({ name }) => name)
  return [...byName.values()].map((same) => {
    const first = same[0]!
    if (arms.length === 1) return first
    const optional = same.some((property) => property.optional)
    const type: TsType = unionOf(same.map((property) => property.type))
    return {
      ...first,
      optional,
      type: optional && hasUndefined(type) ? withoutUndefined(type) : type,
      someArms: same.length < arms.length,
    }
  })
}
