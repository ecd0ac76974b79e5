import { resolve } from 'node:path'
import type { ts as TypeScript } from 'ts-morph'
import { compilerOptions } from '../compiler-options.ts'
import { domainFiles } from '../domain-files.ts'
import type { DomainSource } from '../program.ts'
import type { Reader } from '../reader.ts'
import { plainContent } from './content.ts'
import { readModules } from './modules.ts'
import { plainly } from './not-plain.ts'
import type { Plain } from './plain.ts'
import { plainType } from './types.ts'
import { isSchema, readSchema, schemaContent } from './zod.ts'

/**
 * Reads a domain by its text: interfaces, aliases and zod schemas as most are written need no compiler, which takes ten times as
 * long. Where the text alone does not tell, it or what it gives throws `NotPlain`.
 */
export async function plainReader(ts: typeof TypeScript, source: DomainSource): Promise<Reader> {
  const root = resolve(source.root)
  const files = await domainFiles(root, source.files)
  plainly(files.every((file) => /\.[cm]?tsx?$/.test(file) && !/\.d\.[cm]?ts$/.test(file)))
  const modules = readModules(ts, files, compilerOptions(ts, root, files[0]!, source.tsconfig))
  const plain: Plain = {
    ts,
    root,
    modules,
    typeOf: (written, within) => plainType(plain, written, within),
    schemaOf: readSchema,
    bound: new Map(),
  }
  return {
    ts,
    root,
    entries: modules.entries,
    exportsOf: modules.exportsOf,
    contentOf: (node) => plainContent(plain, node),
    schemaOf(declaration) {
      const { name, type, initializer } = declaration
      if (!ts.isIdentifier(name)) return null
      plainly(type === undefined && initializer !== undefined)
      if (!isSchema(plain, initializer)) return null
      const schema = readSchema(plain, initializer)
      return { name: name.text, declaration, content: () => schemaContent(plain, schema) }
    },
    constantOf(name) {
      if (!ts.isIdentifier(name) || modules.isZod(name, name.text)) return null
      return modules.declared(name, name.text)?.find((node) => ts.isVariableDeclaration(node)) ?? null
    },
  }
}
