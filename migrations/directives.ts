import { LandfallError } from './error.ts'

/** What the first comment lines of a script say to landfall. */
export interface Directives {
  readonly transaction: boolean
  /** The reason, or null. */
  readonly irreversible: string | null
}

const read: Readonly<Record<string, (argument: string) => Partial<Directives> | null>> = {
  'no-transaction': (argument) => (argument === '' ? { transaction: false } : null),
  irreversible: (argument) => (argument === '' ? null : { irreversible: argument }),
}

/** Reads `-- landfall: …` in the comment lines before the first statement. An unknown one is an error, never ignored. */
export function readDirectives(file: string, sql: string, firstLine = 1): Directives {
  let directives: Directives = { transaction: true, irreversible: null }
  for (const [index, line] of sql.split('\n').entries()) {
    if (line.trim() !== '' && !line.trimStart().startsWith('--')) break
    const match = /^\s*--\s*landfall:\s*(\S*)\s*(.*?)\s*$/.exec(line)
    if (!match) continue
    const said = read[match[1]!]?.(match[2]!)
    if (!said) {
      throw new LandfallError(
        'usage',
        'migrations/unknown-directive',
        `${file}:${firstLine + index}: "${line.trim()}" is no directive`,
        {
          next: 'write "-- landfall: no-transaction" or "-- landfall: irreversible <reason>"',
          location: { file, line: firstLine + index, column: 1 },
        },
      )
    }
    directives = { ...directives, ...said }
  }
  return directives
}
