import type { ts as TypeScript } from 'ts-morph'
import { zodDeclarations } from './zod-declarations.ts'

// Types that a driver or JSON code speaks of, for projects without @types/node or the DOM library; where those are
// there, these merge with them.
const AMBIENT = `
interface Buffer<T extends ArrayBufferLike = ArrayBufferLike> extends Uint8Array<T> {}
interface URL { readonly href: string }
interface Blob { readonly size: number }
`
export const AMBIENT_FILE = '/__landfall__/ambient.d.ts'

// Where ts-morph keeps the libraries of its compiler, in memory.
const LIBRARIES = '/node_modules/typescript/lib'

/** Libraries and packages, by how and from where they were parsed: they do not change while a process runs. */
const parsed = new Map<string, TypeScript.SourceFile>()

/**
 * Reads files as the compiler asks for them. What stands in packages is parsed once for all programs of equal options,
 * and without its documentation: only the project's own can bear tags.
 */
export async function compilerHost(options: TypeScript.CompilerOptions): Promise<TypeScript.CompilerHost> {
  const { Project, ts } = await import('ts-morph')
  const libraries = new Project({ useInMemoryFileSystem: true }).getModuleResolutionHost()
  const host = ts.createCompilerHost(options)
  const inMemory = (file: string): string | undefined =>
    file === AMBIENT_FILE ? AMBIENT : file.startsWith(`${LIBRARIES}/`) ? libraries.readFile(file) : undefined
  const isPackaged = (file: string): boolean => file === AMBIENT_FILE || file.includes('/node_modules/')
  const { configFilePath: _, ...shared } = options
  const key = JSON.stringify(shared)
  const read = (file: string, how: TypeScript.CreateSourceFileOptions): TypeScript.SourceFile | undefined => {
    const text = inMemory(file) ?? host.readFile(file)
    return text === undefined ? undefined : ts.createSourceFile(file, zodDeclarations(ts, file, text), how)
  }
  return {
    ...host,
    getDefaultLibLocation: () => LIBRARIES,
    getDefaultLibFileName: (given) => `${LIBRARIES}/${ts.getDefaultLibFileName(given)}`,
    fileExists: (file) => inMemory(file) !== undefined || host.fileExists(file),
    readFile: (file) => inMemory(file) ?? host.readFile(file),
    getSourceFile(file, given) {
      const how = typeof given === 'object' ? given : { languageVersion: given }
      if (!isPackaged(file)) return read(file, how)
      const place = `${key} ${how.impliedNodeFormat ?? ''} ${file}`
      const source = parsed.get(place) ?? read(file, { ...how, jsDocParsingMode: ts.JSDocParsingMode.ParseNone })
      if (source !== undefined) parsed.set(place, source)
      return source
    },
  }
}
