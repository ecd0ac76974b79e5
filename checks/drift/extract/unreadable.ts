import { isBuiltin } from 'node:module'
import type { ts as TypeScript } from 'ts-morph'
import { LandfallError } from '../../../migrations/error.ts'
import { type Compiled, isOwnFile, locate } from './reader.ts'

/**
 * Throws `LandfallError` (usage) for the first syntax error, else for the first import that cannot be resolved, in the
 * domain's files and the project's own that they import.
 */
export function refuseUnreadable(reader: Compiled): void {
  const files = ownFiles(reader)
  for (const file of files) refuseSyntaxErrors(reader, file)
  for (const file of files) refuseUnresolvedImports(reader, file)
}

/** The entries and what they import of the project's own, in any number of steps. */
function ownFiles(reader: Compiled): ReadonlySet<TypeScript.SourceFile> {
  const found = new Set(reader.entries)
  // A set that grows while it is read: every file is visited once.
  for (const file of found) {
    for (const specifier of specifiersOf(reader, file)) {
      const imported = reader.checker.getSymbolAtLocation(specifier)?.declarations?.[0]?.getSourceFile()
      if (imported !== undefined && isOwnFile(reader, imported)) found.add(imported)
    }
  }
  return found
}

function specifiersOf({ ts }: Compiled, file: TypeScript.SourceFile): TypeScript.StringLiteral[] {
  return file.statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return []
    const { moduleSpecifier: specifier } = statement
    // An import for its effects brings no types.
    const forEffects = ts.isImportDeclaration(statement) && statement.importClause === undefined
    return specifier !== undefined && ts.isStringLiteral(specifier) && !forEffects ? [specifier] : []
  })
}

function refuseSyntaxErrors(reader: Compiled, file: TypeScript.SourceFile): void {
  const error = reader.program.getSyntacticDiagnostics(file)[0]
  if (error === undefined) return
  const location = locate(reader, file, error.start ?? 0)
  throw new LandfallError(
    'usage',
    'domain-syntax-error',
    `domain: ${location.file}:${location.line}: ${reader.ts.flattenDiagnosticMessageText(error.messageText, ' ')}`,
    { next: 'correct the syntax error; nothing of the file was compared', location },
  )
}

function refuseUnresolvedImports(reader: Compiled, file: TypeScript.SourceFile): void {
  for (const specifier of specifiersOf(reader, file)) {
    if (isBuiltin(specifier.text) || reader.checker.getSymbolAtLocation(specifier) !== undefined) continue
    const location = locate(reader, file, specifier.getStart(file))
    throw new LandfallError(
      'usage',
      'domain-import-unresolved',
      `domain: ${location.file}:${location.line}: cannot resolve the import ${JSON.stringify(specifier.text)}`,
      {
        next: specifier.text.startsWith('.')
          ? 'correct the path of the import'
          : `install it where the domain lives: npm install ${packageName(specifier.text)}`,
        location,
        fields: { specifier: specifier.text },
      },
    )
  }
}

const packageName = (specifier: string): string =>
  specifier
    .split('/')
    .slice(0, specifier.startsWith('@') ? 2 : 1)
    .join('/')
