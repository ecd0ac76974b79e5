import type { ts as TypeScript } from 'ts-morph'
import { contentOf } from './properties.ts'
import type { Compiled, Content, Schema } from './reader.ts'
import { findKey, withOutputs } from './zod.ts'

/** The schema that a constant holds by its type, else null. */
export function schemaOf(reader: Compiled, declaration: TypeScript.VariableDeclaration): Schema | null {
  const { ts, checker } = reader
  if (!ts.isIdentifier(declaration.name)) return null
  const type = checker.getTypeAtLocation(declaration.name)
  const [input, output] = ['_input', '_output'].map((name) => type.getProperty(name))
  if (input === undefined || output === undefined) return null
  const [read, given] = [input, output].map((symbol) => checker.getTypeOfSymbolAtLocation(symbol, declaration))
  return {
    name: declaration.name.text,
    declaration,
    content: () => schemaContent(reader, declaration, read!, given!),
  }
}

function schemaContent(
  reader: Compiled,
  declaration: TypeScript.VariableDeclaration,
  read: TypeScript.Type,
  given: TypeScript.Type,
): Content {
  const constants = { ts: reader.ts, constantOf: (name: TypeScript.Node) => constantOf(reader, name) }
  const find = (name: string): TypeScript.Node | undefined => findKey(constants, declaration.initializer, name)
  const input = contentOf(reader, read, declaration, find)
  const output = contentOf(reader, given, declaration, find)
  return {
    properties: input.properties === null ? null : withOutputs(input.properties, output.properties ?? []),
    methods: 0,
  }
}

/** The constant that a name leads to, through imports, else null. */
export function constantOf({ ts, checker }: Compiled, name: TypeScript.Node): TypeScript.VariableDeclaration | null {
  const symbol = checker.getSymbolAtLocation(name)
  if (symbol === undefined) return null
  const real = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)
  return real.declarations?.find((node) => ts.isVariableDeclaration(node)) ?? null
}
