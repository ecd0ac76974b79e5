import type { ts as TypeScript } from 'ts-morph'
import type { Location } from '../../../migrations/error.ts'
import type { Property } from '../type-model.ts'
import { filePath } from './domain-files.ts'

/** A declaration that may stand for a table by itself; a constant may hold a zod schema. */
export type TypeNode = TypeScript.InterfaceDeclaration | TypeScript.TypeAliasDeclaration | TypeScript.ClassDeclaration
export type Exported = readonly [node: TypeNode | TypeScript.VariableDeclaration, name: string]

/** The public data of an object type, and how many methods stand beside it. */
export interface Content {
  /** Null when the type is no object. */
  readonly properties: readonly Property[] | null
  readonly methods: number
}

/** A zod schema, found without running any of the team's code. */
export interface Schema {
  /** The name of the constant. */
  readonly name: string
  readonly declaration: TypeScript.VariableDeclaration
  /** The properties of its input; where its output differs, a converter stands between, and `output` says to what. */
  readonly content: () => Content
}

/** A domain's files, and what is to be made out behind their text: by the text alone (`plain/`), or by the compiler. */
export interface Reader {
  readonly ts: typeof TypeScript
  /** Absolute directory that locations are relative to. */
  readonly root: string
  readonly entries: readonly TypeScript.SourceFile[]
  /** What a module exports under which name, re-exports of the project's own files included. */
  readonly exportsOf: (file: TypeScript.SourceFile) => readonly Exported[]
  readonly contentOf: (node: TypeNode) => Content
  /** The schema that a constant holds, else null. */
  readonly schemaOf: (declaration: TypeScript.VariableDeclaration) => Schema | null
  /** The constant that an expression names, else null. */
  readonly constantOf: (name: TypeScript.Node) => TypeScript.VariableDeclaration | null
}

/** A domain as the compiler sees it; its program may hold other domains too. */
export interface Compiled extends Pick<Reader, 'ts' | 'root' | 'entries'> {
  readonly program: TypeScript.Program
  readonly checker: TypeScript.TypeChecker
}

/** Where a position of a source file is, from 1. */
export function locate(reader: Pick<Reader, 'ts' | 'root'>, file: TypeScript.SourceFile, position: number): Location {
  const { line, character } = reader.ts.getLineAndCharacterOfPosition(file, position)
  return { file: filePath(reader.root, file.fileName), line: line + 1, column: character + 1 }
}

/** The place of a declaration's name: what an annotation should underline. */
export function nameLocation(reader: Pick<Reader, 'ts' | 'root'>, node: TypeScript.Node): Location {
  const name = reader.ts.getNameOfDeclaration(node as TypeScript.Declaration) ?? node
  const file = name.getSourceFile()
  return locate(reader, file, name.getStart(file))
}

/** The files that the project itself wrote: no library, no package, no declaration file but an entry. */
export const isOwnFile = (reader: Compiled, file: TypeScript.SourceFile): boolean =>
  reader.entries.includes(file) || (!file.isDeclarationFile && !reader.program.isSourceFileFromExternalLibrary(file))
