import { glob } from 'node:fs/promises'
import { resolve, sep } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LandfallError, messageOf, type Location } from './error.ts'

/** What a file of the team's is: names its errors. */
export interface TeamModule {
  /** The codes are `family/no-files`, `family/KIND-fails`, `family/no-KIND`. */
  readonly family: string
  /** `job`. */
  readonly kind: string
  /** What its default export looks like. */
  readonly example: string
}

/**
 * The TypeScript and JavaScript files that globs match, in the order of their names; tests and declarations beside them
 * are left out.
 * @param globs relative to `root`
 * @throws {LandfallError} `usage`: nothing matches
 */
export async function teamFiles(
  root: string,
  globs: readonly string[],
  { family, kind }: TeamModule,
): Promise<string[]> {
  const matched = await Array.fromAsync(glob([...globs], { cwd: root }))
  const files = [...new Set(matched)]
    .filter((file) => /\.[cm]?[jt]s$/.test(file) && !/\.(test|spec|d)\.[cm]?ts$/.test(file))
    .toSorted()
  if (files.length > 0) return files.map((path) => path.split(sep).join('/'))
  throw new LandfallError('usage', `${family}/no-files`, `no ${kind} file matches ${globs.join(', ')}`, {
    next: `correct ${family} in the config; its globs are relative to the config file`,
  })
}

/**
 * What a file exports by default, as `parse` takes it. The process must be able to import TypeScript.
 * @throws {LandfallError} `usage`: a file that fails, exports nothing, or is refused by `parse`; at its line
 */
export async function importDefault<T>(
  root: string,
  file: string,
  { family, kind, example }: TeamModule,
  parse: (exported: unknown) => T,
): Promise<T> {
  const path = resolve(root, file)
  let module: { default?: unknown }
  try {
    module = (await import(pathToFileURL(path).href)) as { default?: unknown }
  } catch (error) {
    if (isLandfallError(error)) throw located(error, file)
    throw new LandfallError('usage', `${family}/${kind}-fails`, `${file} cannot be loaded: ${messageOf(error)}`, {
      next: `correct the ${kind} file`,
      location: thrownAt(error, path, file),
      cause: error,
    })
  }
  const exported = unwrapped(module)
  if (exported === undefined)
    throw new LandfallError('usage', `${family}/no-${kind}`, `${file} has no default export`, {
      next: `write: ${example}`,
      location: { file, line: null, column: null },
    })
  try {
    return parse(exported)
  } catch (error) {
    throw isLandfallError(error) ? located(error, file) : error
  }
}

/** In a CommonJS scope the module itself may arrive as the default export. */
const unwrapped = ({ default: exported }: { default?: unknown }): unknown =>
  typeof exported === 'object' && exported !== null && 'default' in exported ? exported.default : exported

/** By name, not by class: the team's landfall may be another copy of this module. */
const isLandfallError = (error: unknown): error is LandfallError =>
  error instanceof Error && error.name === 'LandfallError'

/** The same error, said of a file. */
export const located = ({ kind, code, message, next, location, fields }: LandfallError, file: string): LandfallError =>
  new LandfallError(kind, code, `${file}: ${message}`, {
    location: location ?? { file, line: null, column: null },
    fields,
    ...(next === null ? {} : { next }),
  })

function thrownAt(error: unknown, path: string, file: string): Location {
  const stack = error instanceof Error ? `${error.message}\n${error.stack ?? ''}` : ''
  const at = stack.indexOf(`${path}:`)
  const [, line, column] = at < 0 ? [] : (/^:(\d+)(?::(\d+))?/.exec(stack.slice(at + path.length)) ?? [])
  return { file, line: line === undefined ? null : Number(line), column: column === undefined ? null : Number(column) }
}
