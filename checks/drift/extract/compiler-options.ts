import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import type { ts as TypeScript } from 'ts-morph'
import { LandfallError } from '../../../migrations/error.ts'
import { filePath } from './domain-files.ts'

/**
 * The project's own options: those of the tsconfig that is named, else of the nearest one above the entry file, else
 * what resolves most imports. Throws `LandfallError` (usage) when the named one is missing or broken.
 */
export function compilerOptions(
  ts: typeof TypeScript,
  root: string,
  entry: string,
  configured: string | undefined,
): TypeScript.CompilerOptions {
  const file = configured === undefined ? nearestTsconfig(dirname(entry)) : resolve(root, configured)
  const broken = (message: string): LandfallError =>
    new LandfallError('usage', 'tsconfig-broken', `domain: ${filePath(root, file!)}: ${message}`, {
      next: 'correct domain.tsconfig in landfall.config.ts, or the file that it names',
      location: { file: filePath(root, file!), line: null, column: null },
    })
  if (configured !== undefined && !existsSync(file!)) throw broken('this tsconfig does not exist')
  const defaults: TypeScript.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.ESNext,
    moduleResolution: ts.ModuleResolutionKind.Bundler,
    allowImportingTsExtensions: true,
  }
  if (file === null) return defaults
  const { config, error } = ts.readConfigFile(file, (path) => ts.sys.readFile(path))
  if (error !== undefined) throw broken(ts.flattenDiagnosticMessageText(error.messageText, ' '))
  // The files of the project are of no interest: only the entry files are read.
  const host: TypeScript.ParseConfigHost = { ...ts.sys, readDirectory: () => [] }
  const parsed = ts.parseJsonConfigFileContent(config, host, dirname(file))
  const trouble = parsed.errors.find(({ code }) => !NO_INPUT_FILES.has(code))
  if (trouble !== undefined && configured !== undefined) {
    throw broken(ts.flattenDiagnosticMessageText(trouble.messageText, ' '))
  }
  const { module, moduleResolution } = parsed.options
  return module === undefined && moduleResolution === undefined ? { ...parsed.options, ...defaults } : parsed.options
}

const NO_INPUT_FILES: ReadonlySet<number> = new Set([18002, 18003])

function nearestTsconfig(directory: string): string | null {
  const file = join(directory, 'tsconfig.json')
  if (existsSync(file)) return file
  const parent = dirname(directory)
  return parent === directory ? null : nearestTsconfig(parent)
}

/** The types of Node, from the project or else from beside landfall, for domains that import `node:…`. */
export function nodeTypes(root: string): { types?: string[]; typeRoots?: string[] } {
  for (const from of [join(root, 'package.json'), import.meta.url]) {
    try {
      const directory = dirname(createRequire(from).resolve('@types/node/package.json'))
      return { types: ['node'], typeRoots: [dirname(directory)] }
    } catch {
      // Not installed there: try the next place.
    }
  }
  return {}
}
