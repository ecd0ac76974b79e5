import type { DatabaseSync } from 'node:sqlite'
import { messageOf } from '../error.ts'
import { ScriptError, failureOf, type ScriptFailure } from '../execute.ts'
import type { Script } from '../migration.ts'
import { isBusy } from './open.ts'
import { sqliteStatements, type SqliteStatement } from './statements.ts'

/** What is done around a script: `before` may throw, so that it does not run; `after` writes down that it has run. */
export interface Around {
  readonly before?: () => void
  readonly after?: () => void
}

/**
 * Runs a script with what is around it: in one transaction, as far as the script does not say otherwise or commits by
 * itself. In SQLite a transaction takes changes of the schema back as well.
 * @throws whatever is no fault of the script: a busy file
 */
export function applyScript(database: DatabaseSync, script: Script, around: Around = {}): ScriptFailure | null {
  const statements = sqliteStatements(script)
  const together = script.transaction && statements.every(({ controlsTransaction }) => !controlsTransaction)
  const run = (): void => {
    around.before?.()
    for (const statement of statements) runStatement(database, script, statement)
    around.after?.()
  }
  try {
    if (together) inTransaction(database, run)
    else run()
    return null
  } catch (error) {
    return failureOf(error)
  } finally {
    if (database.isTransaction) database.exec('rollback') // begun by the script itself
  }
}

/** All of it, or nothing. Waits for who writes. */
export function inTransaction<T>(database: DatabaseSync, work: () => T): T {
  database.exec('begin immediate')
  try {
    const result = work()
    database.exec('commit')
    return result
  } catch (error) {
    if (database.isTransaction) database.exec('rollback')
    throw error
  }
}

function runStatement(database: DatabaseSync, script: Script, statement: SqliteStatement): void {
  try {
    database.exec(statement.sql)
  } catch (cause) {
    if (isBusy(cause)) throw cause
    throw new ScriptError(failureAt(script, statement, cause), cause)
  }
}

function failureAt(script: Script, { sql, line, column }: SqliteStatement, error: unknown): ScriptFailure {
  const message = messageOf(error)
  const syntax = /^near "([\s\S]+)": syntax error$/.exec(message)
  return {
    message,
    sqlstate: null,
    syntax: syntax !== null,
    location: { file: script.file, ...placeOf(sql, syntax?.[1] ?? null, { line, column }) },
  }
}

/** SQLite names the token at which it stopped, and not where that is: told only where it stands once. */
function placeOf(sql: string, token: string | null, start: { line: number; column: number }): typeof start {
  const at = token === null ? -1 : sql.indexOf(token)
  if (at < 0 || sql.indexOf(token!, at + 1) >= 0) return start
  const rows = sql.slice(0, at).split('\n')
  const column = [...rows.at(-1)!].length + 1
  return rows.length === 1
    ? { line: start.line, column: start.column + column - 1 }
    : { line: start.line + rows.length - 1, column }
}
