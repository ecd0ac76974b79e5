import { existsSync, statSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import { LandfallError } from '../migrations/error.ts'
import { importMistake } from '../migrations/import-mistake.ts'
import { mistakesText } from './config-mistakes.ts'
import { parseConfig, type ParsedConfig, type SystemSettings } from './config.ts'
import type { CliContext } from './context.ts'

/** The configuration with the places that its paths are relative to. */
export interface Config extends Omit<ParsedConfig, 'systems'> {
  /** Absolute path of the config file. */
  readonly file: string
  /** Its directory: what every path in it is relative to. */
  readonly root: string
  readonly systems: readonly NamedSystem[]
}
export type NamedSystem = SystemSettings & { readonly name: string }

const NAMES = ['landfall.config.ts', 'landfall.config.mts', 'landfall.config.js', 'landfall.config.mjs']

/** Finds the config file in `cwd` or above it, unless it is named; imports and parses it. All mistakes are exit 2. */
export async function loadConfig(
  { cwd, readTypeScript }: Pick<CliContext, 'cwd' | 'readTypeScript'>,
  named: string | null,
): Promise<Config> {
  const file = named === null ? findConfig(cwd) : resolve(cwd, named)
  if (!existsSync(file) || statSync(file).isDirectory()) {
    throw new LandfallError('usage', 'config/missing', `there is no config file ${relative(cwd, file) || file}`, {
      next: 'name the file with --config FILE',
    })
  }
  await readTypeScript()
  const parsed = parseConfig(await importDefault(cwd, file))
  if (!parsed.success) {
    const shown = relative(cwd, file) || file
    throw new LandfallError(
      'usage',
      'config/invalid',
      `${shown} is not a valid configuration:\n${mistakesText(parsed.error)}`,
      {
        next: 'correct the keys named; the handbook lists all of them',
        location: { file: shown, line: null, column: null },
      },
    )
  }
  const { systems, ...rest } = parsed.data
  return {
    ...rest,
    file,
    root: dirname(file),
    systems: Object.entries(systems).map(([name, system]) => ({ name, ...system })),
  }
}

/** The systems asked for by `--system`, all of them when none is. */
export function selectSystems(config: Config, names: readonly string[]): readonly NamedSystem[] {
  const known = config.systems.map(({ name }) => name)
  const unknown = names.find((name) => !known.includes(name))
  if (unknown !== undefined) {
    throw new LandfallError('usage', 'config/unknown-system', `there is no system "${unknown}" in the configuration`, {
      next: `the systems are: ${known.join(', ')}`,
    })
  }
  return config.systems.filter(({ name }) => names.length === 0 || names.includes(name))
}

function findConfig(cwd: string): string {
  const file = nearestConfig(cwd)
  if (file !== null) return file
  throw new LandfallError('usage', 'config/missing', 'there is no landfall.config.ts here or in a directory above', {
    next: 'write one, or name it with --config FILE',
  })
}

/** The config file in a directory or the nearest one above it; null when there is none. */
export function nearestConfig(cwd: string): string | null {
  for (let directory = resolve(cwd); ; directory = dirname(directory)) {
    for (const name of NAMES) if (existsSync(join(directory, name))) return join(directory, name)
    if (directory === dirname(directory)) return null
  }
}

async function importDefault(cwd: string, file: string): Promise<unknown> {
  try {
    const { default: exported } = (await import(pathToFileURL(file).href)) as { default?: unknown }
    // In a CommonJS scope the loader wraps an ES module once more.
    return (exported as { default?: unknown } | undefined)?.default ?? exported
  } catch (cause) {
    const shown = relative(cwd, file) || file
    const { message, line, column } = importMistake(cause)
    throw new LandfallError('usage', 'config/fails', `the config file ${shown} cannot be loaded: ${message}`, {
      next: 'it is a TypeScript module with a default export; see whether it runs by itself',
      location: { file: shown, line, column },
      cause,
    })
  }
}
