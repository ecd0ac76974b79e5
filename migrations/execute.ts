import type { ISql, Sql } from 'postgres'
import { isConnectionError } from './connection-error.ts'
import { messageOf, type Location } from './error.ts'
import type { Script } from './migration.ts'
import { placeInStatement, ScriptSyntaxError, statementsOf, undeclaredRefusal, type Statement } from './script.ts'
import { transaction } from './transaction.ts'

/** A script that stopped: what PostgreSQL said, and at which line. A value, since a proof goes on. */
export interface ScriptFailure {
  readonly message: string
  /** SQLSTATE, or null when it never reached the server. */
  readonly sqlstate: string | null
  readonly syntax: boolean
  readonly location: Location
}

/** Thrown inside a transaction so that it rolls back; caught where the outcome becomes a value. */
export class ScriptError extends Error {
  readonly failure: ScriptFailure
  constructor(failure: ScriptFailure, cause: unknown) {
    super(failure.message, { cause })
    this.failure = failure
  }
}

/** Runs the statements of a script one by one on `sql` as it is: in a transaction if that is one. Throws `ScriptError`. */
export async function executeStatements(sql: ISql, script: Script): Promise<void> {
  for (const statement of await parsed(script)) await executeStatement(sql, script, statement)
}

/** Runs one statement of a script. Throws `ScriptError`. */
export const executeStatement = (sql: ISql, script: Script, statement: Statement): Promise<void> =>
  placed(script, statement, sql.unsafe(statement.sql))

/**
 * Runs a script within a transaction, with its deferred constraints, and undoes what it set. All is sent at once, so that
 * the way to the server is paid once, with what `behind` sends after it; after a failure PostgreSQL refuses the rest.
 * Throws `ScriptError`.
 */
export async function executeTogether(
  tx: ISql,
  script: Script,
  behind: () => Promise<unknown> = async () => {},
): Promise<void> {
  const statements = await parsed(script)
  const sent = statements.map((statement) => tx.unsafe(statement.sql).execute())
  const last = tx.unsafe('set constraints all immediate; reset role; reset all').execute()
  const rest = behind()
  for (const result of [...sent, last, rest]) result.catch(() => {}) // the first failure is what counts
  for (const [index, statement] of statements.entries()) await placed(script, statement, sent[index]!)
  await placed(script, statements.at(-1)!, last)
  await rest
}

async function placed(script: Script, statement: Statement, work: PromiseLike<unknown>): Promise<void> {
  try {
    await work
  } catch (cause) {
    if (isConnectionError(cause)) throw cause
    throw new ScriptError(failureAt(script, statement, cause), cause)
  }
}

/** False for a script that says so, and for one that begins or commits by itself: it would end a wrapper's transaction. */
export async function runsInTransaction(script: Script): Promise<boolean> {
  if (!script.transaction) return false
  // A syntax error shows either way.
  return (await statementsOf(script).catch(() => [])).every(({ controlsTransaction }) => !controlsTransaction)
}

/** The same, and true only when PostgreSQL lets every statement run there. */
export const canRunInTransaction = async (script: Script): Promise<boolean> =>
  (await runsInTransaction(script)) && (await undeclaredRefusal(script)) === null

/**
 * Runs a script as a deploy does: in one transaction, unless it says otherwise, or needs to without saying so: that is a
 * finding, and no reason to leave the rest unproven. Resolves to a failure or to null. `beforeReset` sees the session as
 * the script left it.
 */
export async function executeScript(
  sql: Sql,
  script: Script,
  beforeReset?: () => Promise<void>,
): Promise<ScriptFailure | null> {
  try {
    if (!(await canRunInTransaction(script))) await executeStatements(sql, script)
    else {
      await transaction(sql, async (tx) => {
        await executeStatements(tx, script)
        await checkDeferred(tx, script)
      })
    }
    await beforeReset?.()
    return null
  } catch (error) {
    return failureOf(error)
  } finally {
    await resetSession(sql).catch(() => {})
  }
}

/** Deferred constraints speak at COMMIT, without a place; asking them before lets the failure carry the script's name. */
export async function checkDeferred(tx: ISql, script: Script): Promise<void> {
  const statements = await parsed(script)
  await placed(script, statements.at(-1)!, tx.unsafe('set constraints all immediate'))
}

/** The failure inside an error of this module; anything else is not ours to swallow. */
export function failureOf(error: unknown): ScriptFailure {
  if (error instanceof ScriptError) return error.failure
  throw error
}

/** What one file changed in its session must not decide how the next one runs. Prepared statements and locks stay. */
export const resetSession = (sql: ISql): Promise<unknown> =>
  sql.unsafe(
    'reset session authorization; reset role; reset all; close all; unlisten *; discard temp; discard sequences',
  )

/** The statements of a script; throws `ScriptError` where they cannot be parsed. */
export async function parsed(script: Script): Promise<Statement[]> {
  try {
    return await statementsOf(script)
  } catch (error) {
    if (!(error instanceof ScriptSyntaxError)) throw error
    const failure = { message: error.message, sqlstate: null, syntax: true, location: error.location! }
    throw new ScriptError(failure, error)
  }
}

function failureAt(script: Script, statement: Statement, error: unknown): ScriptFailure {
  const { code, position, detail, hint } = error as { code?: string; position?: string; detail?: string; hint?: string }
  const notes = [detail, hint].filter(Boolean).map((note) => ` (${note})`)
  return {
    message: messageOf(error) + notes.join(''),
    sqlstate: code ?? null,
    syntax: code === '42601',
    location: { file: script.file, ...placeInStatement(statement, position === undefined ? null : Number(position)) },
  }
}
