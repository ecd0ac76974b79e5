import type { ts as TypeScript } from 'ts-morph'
import type { Location } from '../../../migrations/error.ts'
import { filePath } from './domain-files.ts'

/** A domain as the compiler sees it; its program may hold other domains too. */
export interface Reader {
  readonly ts: typeof TypeScript
  readonly program: TypeScript.Program
  readonly checker: TypeScript.TypeChecker
  /** Absolute directory that locations are relative to. */
  readonly root: string
  readonly entries: readonly TypeScript.SourceFile[]
}

/** Where a position of a source file is, from 1. */
export function locate(reader: Pick<Reader, 'ts' | 'root'>, file: TypeScript.SourceFile, position: number): Location {
  const { line, character } = reader.ts.getLineAndCharacterOfPosition(file, position)
  return { file: filePath(reader.root, file.fileName), line: line + 1, column: character + 1 }
}

/** The files that the project itself wrote: no library, no package, no declaration file but an entry. */
export const isOwnFile = (reader: Reader, file: TypeScript.SourceFile): boolean =>
  reader.entries.includes(file) || (!file.isDeclarationFile && !reader.program.isSourceFileFromExternalLibrary(file))
