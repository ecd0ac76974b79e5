import type * as Parser from 'libpg-query'
import type { Node } from 'libpg-query'
import { LandfallError, type Location } from './error.ts'
import type { Script } from './migration.ts'
import { refusesTransaction } from './refuses-transaction.ts'

/** One statement of a script, as PostgreSQL's own parser splits it. */
export interface Statement {
  readonly sql: string
  /** Of its first token in the file, from 1. */
  readonly line: number
  readonly column: number
  /** The syntax tree; `location` fields are byte offsets into `bytes`. */
  readonly node: Node
  /** BEGIN, COMMIT, ROLLBACK and their kin. */
  readonly controlsTransaction: boolean
  /** `CREATE INDEX CONCURRENTLY` and its kin: PostgreSQL refuses them inside a transaction. */
  readonly refusesTransaction: boolean
}

/** A script that PostgreSQL cannot parse. */
export class ScriptSyntaxError extends LandfallError {
  constructor(message: string, location: Location) {
    super('findings', 'lint/syntax-error', message, { location, next: 'correct the statement' })
  }
}

const known = new WeakMap<Script, Promise<Statement[]>>()

/** The statements of a script with their lines. Throws `ScriptSyntaxError` with the place of the mistake. */
export function statementsOf(script: Script): Promise<Statement[]> {
  const statements = known.get(script) ?? split(script)
  known.set(script, statements)
  return statements
}

/** It takes 50 MB, which commands that parse no script do without. */
async function loadParser(): Promise<typeof Parser> {
  const parser = await import('libpg-query')
  await parser.loadModule()
  return parser
}

async function split(script: Script): Promise<Statement[]> {
  if (await isEmptyScript(script.sql)) return []
  const parser = await loadParser()
  const bytes = Buffer.from(script.sql)
  const { stmts } = parse(parser, script)
  // libpg-query's offsets are UTF-8 bytes; a statement begins at its first token that is no comment.
  const tokens = parser.scanSync(script.sql).tokens.filter(({ tokenName }) => !tokenName.endsWith('_COMMENT'))
  const place = placesIn(script, bytes)
  let next = 0
  return (stmts ?? []).map(({ stmt, stmt_location: from = 0, stmt_len: length }) => {
    while (next < tokens.length && tokens[next]!.start < from) next++
    const first = tokens[next]?.start ?? from
    const end = length === undefined ? bytes.length : from + length
    return {
      sql: bytes.subarray(first, end).toString(),
      ...place(first),
      node: stmt as Node,
      controlsTransaction: 'TransactionStmt' in (stmt as Node),
      refusesTransaction: refusesTransaction(stmt as Node),
    }
  })
}

/** Line and column, from 1, of byte offsets that are asked for in ascending order. */
function placesIn(script: Script, bytes: Buffer): (offset: number) => { line: number; column: number } {
  let [line, lineStart] = [script.firstLine, 0]
  return (offset) => {
    for (let end = bytes.indexOf(10, lineStart); end !== -1 && end < offset; end = bytes.indexOf(10, lineStart)) {
      line++
      lineStart = end + 1
    }
    return { line, column: [...bytes.subarray(lineStart, offset).toString()].length + 1 }
  }
}

function parse({ parseSync, hasSqlDetails }: typeof Parser, script: Script): ReturnType<typeof Parser.parseSync> {
  try {
    return parseSync(script.sql)
  } catch (error) {
    if (!hasSqlDetails(error) || !error.sqlDetails) throw error
    const before = [...script.sql].slice(0, Math.max(0, error.sqlDetails.cursorPosition ?? 0)).join('')
    throw new ScriptSyntaxError(error.message, { file: script.file, ...placeOf(script, before) })
  }
}

/** The first statement that a transaction would refuse, in a script that does not say that it runs outside one. */
export async function undeclaredRefusal(script: Script): Promise<Statement | null> {
  if (!script.transaction) return null
  // A syntax error shows wherever the script is run.
  const statements = await statementsOf(script).catch(() => [])
  return statements.find(({ refusesTransaction: refuses }) => refuses) ?? null
}

/** True for a script that holds comments and white space alone. A script that cannot be read is not blank. */
export async function isEmptyScript(sql: string): Promise<boolean> {
  const first = sql.split('\n').find((line) => !/^\s*(--|$)/.test(line))
  if (first === undefined) return true
  if (/^\s*[a-z]/i.test(first)) return false // spares the scanner nearly every script
  const { scanSync } = await loadParser()
  try {
    return scanSync(sql).tokens.every(({ tokenName, text }) => tokenName.endsWith('_COMMENT') || text === ';')
  } catch {
    return sql.trim() === ''
  }
}

/** Line and column, from 1, of the place in the file that follows the text `before`. */
function placeOf(script: Script, before: string): { line: number; column: number } {
  const lines = before.split('\n')
  return { line: script.firstLine + lines.length - 1, column: [...lines.at(-1)!].length + 1 }
}

/** The place of character `position` (from 1, as PostgreSQL reports it) of a statement. */
export function placeInStatement(statement: Statement, position: number | null): { line: number; column: number } {
  if (position === null || position < 1) return { line: statement.line, column: statement.column }
  const lines = [...statement.sql]
    .slice(0, position - 1)
    .join('')
    .split('\n')
  const column = [...lines.at(-1)!].length + 1
  return lines.length === 1
    ? { line: statement.line, column: statement.column + column - 1 }
    : { line: statement.line + lines.length - 1, column }
}
