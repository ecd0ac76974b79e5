import type { ts as TypeScript } from 'ts-morph'
import { isTypeNode } from './declarations.ts'
import { contentOf } from './properties.ts'
import { type Compiled, type Exported, isOwnFile, type Reader } from './reader.ts'
import { constantOf, schemaOf } from './schema-types.ts'

/** Reads by the compiler: whatever TypeScript can say. */
export const compiledReader = (compiled: Compiled): Reader => ({
  ts: compiled.ts,
  root: compiled.root,
  entries: compiled.entries,
  exportsOf: (file) => exportsOf(compiled, file),
  contentOf: (node) => contentOf(compiled, compiled.checker.getTypeAtLocation(node), node),
  schemaOf: (declaration) => schemaOf(compiled, declaration),
  constantOf: (name) => constantOf(compiled, name),
})

function exportsOf(compiled: Compiled, file: TypeScript.SourceFile): Exported[] {
  const { ts, checker } = compiled
  const module = checker.getSymbolAtLocation(file)
  if (module === undefined) return []
  return checker.getExportsOfModule(module).flatMap((symbol) => {
    const real = (symbol.flags & ts.SymbolFlags.Alias) === 0 ? symbol : checker.getAliasedSymbol(symbol)
    const own = (real.declarations ?? []).filter((node) => isOwnFile(compiled, node.getSourceFile()))
    const type = own.find((node) => isTypeNode(compiled, node))
    const constant = own.find((node) => ts.isVariableDeclaration(node))
    const name = symbol.name === 'default' ? real.name : symbol.name
    return [type, constant].filter((node) => node !== undefined).map((node): Exported => [node, name])
  })
}
