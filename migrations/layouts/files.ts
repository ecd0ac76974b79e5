import { join } from 'node:path'
import { readDirectives } from '../directives.ts'
import { LandfallError } from '../error.ts'
import type { Script } from '../migration.ts'

/** The files of a migrations directory, read. Names are relative to it, with `/`, sorted. */
export interface MigrationFiles {
  readonly names: readonly string[]
  /** As messages and locations name a file: relative to the config file. */
  readonly locate: (name: string) => string
  /** The text without a byte-order mark, line ends `\n`. Throws when it is not UTF-8. */
  readonly text: (name: string) => string
  /** The same for a file that may be anything: what is not UTF-8 is replaced. */
  readonly peek: (name: string) => string
  readonly variables: Readonly<Record<string, string>>
}

export function migrationFiles(
  path: string,
  names: readonly string[],
  contents: ReadonlyMap<string, Uint8Array>,
  variables: Readonly<Record<string, string>>,
): MigrationFiles {
  const decode = (name: string, fatal: boolean): string =>
    new TextDecoder('utf-8', { fatal }).decode(contents.get(name)).replaceAll('\r\n', '\n')
  const locate = (name: string): string => join(path, name)
  const text = (name: string): string => {
    try {
      return decode(name, true)
    } catch (cause) {
      const file = locate(name)
      throw new LandfallError('usage', 'migrations/not-utf8', `${file} is not UTF-8 text`, {
        next: 'save the file as UTF-8',
        location: { file, line: null, column: null },
        cause,
      })
    }
  }
  return { names: names.toSorted(), locate, text, peek: (name) => decode(name, false), variables }
}

/** A file that is one direction of a migration, with what its first lines say. */
export function readScript(files: MigrationFiles, name: string): { script: Script; irreversible: string | null } {
  const [file, sql] = [files.locate(name), files.text(name)]
  const { transaction, irreversible } = readDirectives(file, sql)
  return { script: { file, sql, transaction, firstLine: 1 }, irreversible }
}
