import { LandfallError } from '../error.ts'
import type { MigrationFiles } from './files.ts'

/** The value of a `key = true|false` line of a small settings file (`metadata.toml`, `.sql.conf`); null without one. */
export function readSwitch(files: MigrationFiles, name: string, key: string): boolean | null {
  let value: boolean | null = null
  for (const [index, line] of files.text(name).split('\n').entries()) {
    const said = /^\s*(?<key>\w+)\s*=\s*(?<value>.*?)\s*(?:#.*)?$/.exec(line)?.groups
    if (said?.['key'] !== key) continue
    if (said['value'] !== 'true' && said['value'] !== 'false') {
      const location = { file: files.locate(name), line: index + 1, column: 1 }
      throw new LandfallError(
        'usage',
        'migrations/bad-setting',
        `${location.file}:${location.line}: ${key} is ${said['value']}, neither true nor false`,
        { next: `write ${key} = false to run the script outside a transaction, or leave it out`, location },
      )
    }
    value = said['value'] === 'true'
  }
  return value
}
