import { readFileSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import type { ts as TypeScript } from 'ts-morph'
import { isTypeNode } from '../declarations.ts'
import type { Exported, TypeNode } from '../reader.ts'
import { plainly } from './not-plain.ts'

/** What stands behind a name at the top of a file. */
export type Declaration =
  | TypeNode
  | TypeScript.EnumDeclaration
  | TypeScript.VariableDeclaration
  | TypeScript.FunctionDeclaration

/** The files of a domain, and what they import of the project's own, by their text. */
export interface Modules {
  readonly entries: readonly TypeScript.SourceFile[]
  readonly exportsOf: (file: TypeScript.SourceFile) => readonly Exported[]
  /** What a name means where a node stands; null for a name that its file does not declare: a global one. */
  readonly declared: (at: TypeScript.Node, name: string) => readonly Declaration[] | null
  /** True when a name is the `z` of zod 4. */
  readonly isZod: (at: TypeScript.Node, name: string) => boolean
}

interface Import {
  /** A module of the project's own, or a package: `zod@4.1.0`. */
  readonly from: Module | string
  /** The name that it is exported by; `*` for all of it. */
  readonly name: string
}

interface Module {
  readonly source: TypeScript.SourceFile
  readonly declarations: Map<string, Declaration[]>
  readonly imports: Map<string, Import>
  /** Exported name → the name within. */
  readonly exports: Map<string, string>
  /** Exported name → what is exported again. */
  readonly passedOn: Map<string, Import>
  /** `export * from …` */
  readonly all: Module[]
}

/**
 * Reads the entries and what they import, in any number of steps. Throws `NotPlain` for what does not parse or resolve, and
 * for what is more than interfaces, types, enums, constants and functions.
 */
export function readModules(
  ts: typeof TypeScript,
  entries: readonly string[],
  options: TypeScript.CompilerOptions,
): Modules {
  const modules = new Map<string, Module>()
  const resolutions = ts.createModuleResolutionCache(ts.sys.getCurrentDirectory(), (name) => name, options)
  const packages = resolutions.getPackageJsonInfoCache()

  const read = (name: string): Module => {
    const known = modules.get(name)
    if (known !== undefined) return known
    const format = ts.getImpliedNodeFormatForFile(name, packages, ts.sys, options)
    const how = {
      languageVersion: ts.ScriptTarget.Latest,
      ...(format === undefined ? {} : { impliedNodeFormat: format }),
    }
    const source = ts.createSourceFile(name, readFileSync(name, 'utf8'), how, true)
    // What the compiler's own program would ask for as `getSyntacticDiagnostics`.
    plainly((source as unknown as { parseDiagnostics: readonly unknown[] }).parseDiagnostics.length === 0)
    const module: Module = {
      source,
      declarations: new Map(),
      imports: new Map(),
      exports: new Map(),
      passedOn: new Map(),
      all: [],
    }
    modules.set(name, module) // before what it imports, which may import it
    for (const statement of source.statements) readStatement(ts, module, statement, imported)
    return module
  }

  const imported = (source: TypeScript.SourceFile, specifier: TypeScript.StringLiteral): Module | string => {
    const { text } = specifier
    if (isBuiltin(text)) return text
    const mode = ts.getModeForUsageLocation(source, specifier, options)
    const found = ts.resolveModuleName(
      text,
      source.fileName,
      options,
      ts.sys,
      resolutions,
      undefined,
      mode,
    ).resolvedModule
    plainly(found !== undefined)
    const { resolvedFileName, isExternalLibraryImport, packageId } = found
    const isDeclaration = /\.d\.[cm]?ts$/.test(resolvedFileName)
    plainly(isExternalLibraryImport === true ? isDeclaration : /\.[cm]?tsx?$/.test(resolvedFileName) && !isDeclaration)
    return isExternalLibraryImport === true ? `${text}@${packageId?.version ?? ''}` : read(resolvedFileName)
  }

  const moduleAt = (node: TypeScript.Node): Module => modules.get(node.getSourceFile().fileName)!
  return {
    entries: entries.map((entry) => read(entry).source),
    exportsOf: (file) => exportsOf(ts, moduleAt(file)),
    declared: (at, name) => declared(moduleAt(at), name),
    isZod(at, name) {
      const found = moduleAt(at).imports.get(name)
      return (
        typeof found?.from === 'string' &&
        /^zod(?:\/v4)?@4\./.test(found.from) &&
        ['z', 'default', '*'].includes(found.name)
      )
    },
  }
}

function readStatement(
  ts: typeof TypeScript,
  module: Module,
  statement: TypeScript.Statement,
  imported: (source: TypeScript.SourceFile, specifier: TypeScript.StringLiteral) => Module | string,
): void {
  const from = (specifier: TypeScript.Expression): Module | string => {
    plainly(ts.isStringLiteral(specifier))
    return imported(module.source, specifier)
  }
  const modifiers = ts.canHaveModifiers(statement) ? (ts.getModifiers(statement) ?? []) : []
  const has = (kind: TypeScript.SyntaxKind): boolean => modifiers.some((modifier) => modifier.kind === kind)
  const declare = (name: string, node: Declaration): void => {
    module.declarations.set(name, [...(module.declarations.get(name) ?? []), node])
    if (has(ts.SyntaxKind.ExportKeyword)) module.exports.set(name, name)
  }
  plainly(
    !has(ts.SyntaxKind.DefaultKeyword) &&
      !ts.isExportAssignment(statement) &&
      !ts.isModuleDeclaration(statement) &&
      !ts.isImportEqualsDeclaration(statement),
  )
  if (ts.isImportDeclaration(statement)) {
    const { importClause: clause, moduleSpecifier } = statement
    if (clause === undefined) return
    const origin = from(moduleSpecifier)
    if (clause.name !== undefined) module.imports.set(clause.name.text, { from: origin, name: 'default' })
    const bindings = clause.namedBindings
    if (bindings === undefined) return
    if (ts.isNamespaceImport(bindings)) module.imports.set(bindings.name.text, { from: origin, name: '*' })
    else {
      for (const { name, propertyName } of bindings.elements) {
        module.imports.set(name.text, { from: origin, name: (propertyName ?? name).text })
      }
    }
  } else if (ts.isExportDeclaration(statement)) {
    const { exportClause: clause, moduleSpecifier } = statement
    const origin = moduleSpecifier === undefined ? null : from(moduleSpecifier)
    if (clause === undefined) {
      if (origin !== null && typeof origin !== 'string') module.all.push(origin)
    } else if (ts.isNamedExports(clause)) {
      for (const { name, propertyName } of clause.elements) {
        const within = (propertyName ?? name).text
        plainly(name.text !== 'default')
        if (origin === null) module.exports.set(name.text, within)
        else module.passedOn.set(name.text, { from: origin, name: within })
      }
    }
  } else if (isTypeNode({ ts }, statement) || ts.isEnumDeclaration(statement)) {
    plainly(statement.name !== undefined)
    declare(statement.name.text, statement)
  } else if (ts.isFunctionDeclaration(statement)) {
    if (statement.name !== undefined) declare(statement.name.text, statement)
  } else if (ts.isVariableStatement(statement)) {
    for (const one of statement.declarationList.declarations) if (ts.isIdentifier(one.name)) declare(one.name.text, one)
  }
}

function declared(module: Module, name: string): readonly Declaration[] | null {
  const own = module.declarations.get(name)
  if (own !== undefined) return own
  const from = module.imports.get(name)
  if (from === undefined) return null
  plainly(typeof from.from !== 'string' && from.name !== '*')
  const found = exported(from.from, from.name)
  plainly(found.length > 0)
  return found
}

function exported(module: Module, name: string): readonly Declaration[] {
  const within = module.exports.get(name)
  if (within !== undefined) return declared(module, within) ?? []
  const passed = module.passedOn.get(name)
  if (passed !== undefined) return typeof passed.from === 'string' ? [] : exported(passed.from, passed.name)
  const having = module.all.filter((other) => exportedNames(other).has(name))
  plainly(having.length < 2)
  return having.flatMap((other) => exported(other, name))
}

const exportedNames = (module: Module, seen: ReadonlySet<Module> = new Set()): ReadonlySet<string> =>
  seen.has(module)
    ? new Set()
    : new Set([
        ...module.exports.keys(),
        ...module.passedOn.keys(),
        ...module.all.flatMap((other) => [...exportedNames(other, new Set([...seen, module]))]),
      ])

function exportsOf(ts: typeof TypeScript, module: Module): Exported[] {
  const found = [...exportedNames(module)].flatMap((name) => {
    const nodes = exported(module, name)
    const type = nodes.find((node) => isTypeNode({ ts }, node))
    const constant = nodes.find((node) => ts.isVariableDeclaration(node))
    return [type, constant].filter((node) => node !== undefined).map((node): Exported => [node, name])
  })
  // One declaration under two names: which of them stands for it, the compiler decides.
  plainly(new Set(found.map(([node]) => node)).size === found.length)
  return found
}
