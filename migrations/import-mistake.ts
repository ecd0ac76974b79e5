import { messageOf } from './error.ts'

/** Why a module of the team's cannot be imported; the line where the failure knows one. */
export interface ImportMistake {
  readonly message: string
  readonly line: number | null
  readonly column: number | null
}

/** A file that is no TypeScript is refused by esbuild, which puts `file:line:column: ERROR: text` into its message. */
export function importMistake(error: unknown): ImportMistake {
  const message = messageOf(error)
  const [, line, column, text] = /:(\d+):(\d+): ERROR: (.*)/.exec(message) ?? []
  if (text === undefined) return { message, line: null, column: null }
  return { message: text, line: Number(line), column: Number(column) + 1 }
}
