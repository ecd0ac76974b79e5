import { isBuiltin } from 'node:module'
import { join, resolve } from 'node:path'
import type { ts as TypeScript } from 'ts-morph'
import { LandfallError, type Location } from '../../../migrations/error.ts'
import { compilerOptions, nodeTypes } from './compiler-options.ts'
import { domainFiles, filePath } from './domain-files.ts'

/** The compiler, its program and its checker, rooted at the entry files alone. */
export interface Reader {
  readonly ts: typeof TypeScript
  readonly program: TypeScript.Program
  readonly checker: TypeScript.TypeChecker
  /** Absolute directory that locations are relative to. */
  readonly root: string
  readonly entries: readonly TypeScript.SourceFile[]
}

/** What `extractTypes` is asked to read. */
export interface DomainSource {
  /** Directory of the config file, absolute. */
  readonly root: string
  /** File, glob, or several, relative to `root`. */
  readonly files: string | readonly string[]
  /** Relative to `root`; without it the nearest `tsconfig.json` above the first file, or none. */
  readonly tsconfig?: string | undefined
}

// Types that a driver or JSON code speaks of, for projects without @types/node or the DOM library; where those are
// there, these merge with them.
const AMBIENT = `
interface Buffer<T extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<T> {}
interface URL { readonly href: string }
interface Blob { readonly size: number }
`

/** Where a position of a source file is, from 1. */
export function locate(reader: Pick<Reader, 'ts' | 'root'>, file: TypeScript.SourceFile, position: number): Location {
  const { line, character } = reader.ts.getLineAndCharacterOfPosition(file, position)
  return { file: filePath(reader.root, file.fileName), line: line + 1, column: character + 1 }
}

/**
 * Reads the domain files and what they import, and nothing else.
 * Throws `LandfallError` (usage) when no file matches, the tsconfig is missing or broken, a file does not parse, or an
 * import cannot be resolved: types that the compiler cannot see would pass every check.
 */
export async function openProgram(source: DomainSource): Promise<Reader> {
  const root = resolve(source.root)
  const files = await domainFiles(root, source.files)
  const { Project, ts } = await import('ts-morph')
  const project = new Project({
    compilerOptions: {
      ...compilerOptions(ts, root, files[0]!, source.tsconfig),
      // Without this a nullable property looks like one that is never null.
      strictNullChecks: true,
      skipLibCheck: true,
      noEmit: true,
      lib: ['lib.esnext.d.ts'],
    },
    skipAddingFilesFromTsConfig: true,
    skipFileDependencyResolution: true,
  })
  project.createSourceFile(join(root, '__landfall_ambient__.d.ts'), AMBIENT)
  const entries = files.map((file) => project.addSourceFileAtPath(file))
  const types = entries.some((file) => file.getImportDeclarations().some((i) => isBuiltin(i.getModuleSpecifierValue())))
    ? nodeTypes(root)
    : {}
  project.compilerOptions.set({ types: [], ...types })
  const program = project.getProgram().compilerObject
  const reader: Reader = {
    ts,
    program,
    checker: program.getTypeChecker(),
    root,
    entries: entries.map((file) => program.getSourceFile(file.getFilePath())!),
  }
  const own = ownFiles(reader)
  for (const file of own) refuseSyntaxErrors(reader, file)
  for (const file of own) refuseUnresolvedImports(reader, file)
  return reader
}

/** The files that the project itself wrote: no library, no package, no declaration file but an entry. */
export const isOwnFile = (reader: Reader, file: TypeScript.SourceFile): boolean =>
  reader.entries.includes(file) || (!file.isDeclarationFile && !reader.program.isSourceFileFromExternalLibrary(file))

const ownFiles = (reader: Reader): TypeScript.SourceFile[] =>
  reader.program.getSourceFiles().filter((file) => isOwnFile(reader, file))

function refuseSyntaxErrors(reader: Reader, file: TypeScript.SourceFile): void {
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

function refuseUnresolvedImports(reader: Reader, file: TypeScript.SourceFile): void {
  const { ts, checker } = reader
  for (const statement of file.statements) {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) continue
    const specifier = statement.moduleSpecifier
    if (specifier === undefined || !ts.isStringLiteral(specifier)) continue
    // An import for its effects brings no types.
    if (ts.isImportDeclaration(statement) && statement.importClause === undefined) continue
    if (isBuiltin(specifier.text) || checker.getSymbolAtLocation(specifier) !== undefined) continue
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
