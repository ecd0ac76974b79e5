import type { Script } from '../migration.ts'

/** One statement of a script in SQLite's SQL. */
export interface SqliteStatement {
  readonly sql: string
  /** Of its first token in the file, from 1. */
  readonly line: number
  readonly column: number
  /** BEGIN, COMMIT, ROLLBACK and their kin. */
  readonly controlsTransaction: boolean
}

// Comments, quoted names and texts (a quote inside is doubled), words, the rest character by character.
const TOKEN =
  /--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)|'(?:[^']|'')*'?|"(?:[^"]|"")*"?|`(?:[^`]|``)*`?|\[[^\]]*\]?|[\w$\u0080-\uffff]+|\s+|[\s\S]/g

/** The statements of a script with their lines, as SQLite's shell splits them: at semicolons, those inside a trigger apart. */
export function sqliteStatements(script: Pick<Script, 'sql' | 'firstLine'>): SqliteStatement[] {
  const statements: SqliteStatement[] = []
  let [line, column] = [script.firstLine, 1]
  let open: { from: number; line: number; column: number; words: string[] } | null = null
  const close = (to: number): void => {
    if (open === null) return
    statements.push({
      sql: script.sql.slice(open.from, to).trimEnd(),
      line: open.line,
      column: open.column,
      controlsTransaction: CONTROL.has(open.words[0] ?? ''),
    })
    open = null
  }
  for (const { 0: token, index } of script.sql.matchAll(TOKEN)) {
    const silent = /^(\s|--|\/\*)/.test(token)
    if (token === ';') {
      if (open === null || !isTrigger(open.words) || isOver(open.words)) close(index)
      else open.words.push(';')
    } else if (!silent) {
      open ??= { from: index, line, column, words: [] }
      open.words.push(token.toLowerCase())
    }
    const rows = token.split('\n')
    line += rows.length - 1
    column = rows.length === 1 ? column + [...token].length : [...rows.at(-1)!].length + 1
  }
  close(script.sql.length)
  return statements
}

const CONTROL: ReadonlySet<string> = new Set(['begin', 'commit', 'end', 'rollback', 'savepoint', 'release'])

const isTrigger = ([first, second, third]: readonly string[]): boolean =>
  first === 'create' && (second === 'trigger' || third === 'trigger')

/** The END of a trigger's body stands behind the semicolon of its last statement; that of a CASE does not. */
const isOver = (words: readonly string[]): boolean => words.at(-1) === 'end' && words.at(-2) === ';'
