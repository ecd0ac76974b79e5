import { isBuiltin } from 'node:module'
import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { ts as TypeScript } from 'ts-morph'
import { LandfallError } from '../../../migrations/error.ts'
import { AMBIENT_FILE, compilerHost } from './compiler-host.ts'
import { compilerOptions, nodeTypes } from './compiler-options.ts'
import { domainFiles } from './domain-files.ts'
import { loadCompiler } from './compiler.ts'
import { compiledReader } from './compiled.ts'
import type { Compiled, Reader } from './reader.ts'
import { refuseUnreadable } from './unreadable.ts'

/** What `extractTypes` is asked to read. */
export interface DomainSource {
  /** Directory of the config file, absolute. */
  readonly root: string
  /** File, glob, or several, relative to `root`. */
  readonly files: string | readonly string[]
  /** Relative to `root`; without it the nearest `tsconfig.json` above the first file, or none. */
  readonly tsconfig?: string | undefined
}

/** Domains of one repository that are compiled with the same options: one program for all of them. */
interface Group {
  readonly root: string
  readonly options: TypeScript.CompilerOptions
  readonly members: { readonly index: number; readonly files: readonly string[] }[]
}

/**
 * Reads each domain's files and what they import, and nothing else; those that share their compiler options share a
 * program, since parsing libraries and comparing their types is most of the work. In order, a domain that cannot be read
 * as a `LandfallError` (usage): no file matches, the tsconfig is missing or broken, a file does not parse, or an import
 * cannot be resolved (types that the compiler cannot see would pass every check).
 */
export async function openDomains(sources: readonly DomainSource[]): Promise<(Reader | LandfallError)[]> {
  const ts = loadCompiler()
  const opened: (Reader | LandfallError)[] = []
  const groups = new Map<string, Group>()
  for (const [index, source] of sources.entries()) {
    try {
      const root = resolve(source.root)
      const files = await domainFiles(root, source.files)
      const options = compilerOptions(ts, root, files[0]!, source.tsconfig)
      // Declaration files speak of the whole program: such a domain is read alone.
      const alone = files.some((file) => file.endsWith('.d.ts')) ? index : null
      const key = JSON.stringify([root, options, alone])
      const group = groups.get(key) ?? { root, options, members: [] }
      group.members.push({ index, files })
      groups.set(key, group)
    } catch (error) {
      opened[index] = refusalOrThrow(error)
    }
  }
  for (const { root, options, members } of groups.values()) {
    const files = members.flatMap((member) => member.files)
    const compiled: TypeScript.CompilerOptions = {
      ...options,
      // Without this a nullable property looks like one that is never null.
      strictNullChecks: true,
      // Two domains that export nothing must not declare each other's names.
      moduleDetection: ts.ModuleDetectionKind.Force,
      skipLibCheck: true,
      noEmit: true,
      lib: ['lib.esnext.d.ts'],
      types: [],
      ...(files.some((file) => importsNode(ts, file)) ? nodeTypes(root) : {}),
    }
    const host = await compilerHost(compiled)
    const program = ts.createProgram({ rootNames: [AMBIENT_FILE, ...files], options: compiled, host })
    const checker = program.getTypeChecker()
    for (const member of members) {
      const entries = member.files.map((file) => program.getSourceFile(file)!)
      const compiled: Compiled = { ts, program, checker, root, entries }
      try {
        refuseUnreadable(compiled)
        opened[member.index] = compiledReader(compiled)
      } catch (error) {
        opened[member.index] = refusalOrThrow(error)
      }
    }
  }
  return opened
}

/** True for a file that imports a module of Node itself, `node:crypto`. */
const importsNode = (ts: typeof TypeScript, file: string): boolean =>
  ts.preProcessFile(readFileSync(file, 'utf8')).importedFiles.some(({ fileName }) => isBuiltin(fileName))

function refusalOrThrow(error: unknown): LandfallError {
  if (error instanceof LandfallError) return error
  throw error
}
