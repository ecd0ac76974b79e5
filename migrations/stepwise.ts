import { executeStatement, parsed, ScriptError } from './execute.ts'
import { checksumOf, recordProgress, type Progress } from './history.ts'
import { beforeConcurrentIndex, indexesBefore, leftBehind, type Attempt } from './invalid-index.ts'
import { migrationLabel, type Migration, type Script } from './migration.ts'
import type { Statement } from './script.ts'
import type { Session } from './session.ts'
import { transaction } from './transaction.ts'

/**
 * Runs a script that wants no transaction around it, statement by statement. Each commits together with its progress, so that
 * the script goes on where it stopped; those that PostgreSQL refuses in a transaction, and those that may commit by
 * themselves, are recorded right after, and the one that was under way is run again. Throws `ScriptError`.
 */
export async function runStepwise(
  session: Session,
  migration: Pick<Migration, 'version' | 'name'>,
  script: Script,
  progress: Progress,
): Promise<void> {
  const { sql, target } = session
  const { direction } = progress
  const statements = await parsed(script)
  const notice = (text: string): void => target.onNotice?.(`${migrationLabel(migration)}: ${text}`)
  const from = resumeAt(statements, progress)
  if (from > 0)
    notice(
      `goes on at line ${statements[from]?.line ?? 'its end'}: ${from} of ${statements.length} statements are done`,
    )
  else if (progress.done > 0) notice('statements that were done have been edited: it begins anew')
  const write = (done: number, begun: string | null = null): Promise<void> =>
    recordProgress(sql, target.system, migration.version, {
      direction,
      done,
      checksum: checksumOfFirst(statements, done),
      begun,
    })
  await session.assertLocked()
  await write(from, from === progress.done ? progress.begun : null)
  // What was set before goes for what follows.
  for (const statement of statements.slice(0, from)) if (sets(statement)) await executeStatement(sql, script, statement)

  let open: Statement | null = null
  for (const [index, statement] of statements.entries()) {
    if (index < from) continue
    target.signal?.throwIfAborted()
    if (open === null) await session.assertLocked()
    if (open === null && !standsAlone(statement)) {
      await transaction(sql, async () => {
        await executeStatement(sql, script, statement)
        await write(index + 1)
      })
      continue
    }
    if (statement.refusesTransaction) {
      const attempt = index === from && from === progress.done ? attemptAt(statement, progress.begun) : null
      const begin = async (indexes: readonly string[]): Promise<void> =>
        write(index, [checksumOf(statement), ...indexes].join(' '))
      await concurrently(session, script, statement, { attempt, begin, notice })
    } else await executeStatement(sql, script, statement)
    if (statement.controlsTransaction) open = opens(statement, open)
    await write(index + 1)
  }
  if (open === null) return
  await sql.unsafe('rollback')
  const message = 'the script ends within a transaction that it began: it was rolled back'
  const location = { file: script.file, line: open.line, column: open.column }
  throw new ScriptError({ message, sqlstate: null, syntax: false, location }, null)
}

/** `… CONCURRENTLY` and its kin wait for others without being in their way: the limits of a session do not hold for them. */
async function concurrently(
  session: Session,
  script: Script,
  statement: Statement,
  {
    attempt,
    begin,
    notice,
  }: {
    attempt: Attempt | null
    begin: (indexes: readonly string[]) => Promise<void>
    notice: (text: string) => void
  },
): Promise<void> {
  const { sql } = session
  const way = await beforeConcurrentIndex(sql, script, statement, attempt)
  if (way.notice !== null) notice(way.notice)
  if (way.state === 'done') return
  const indexes = attempt?.indexes ?? (await indexesBefore(sql, statement))
  if (way.state === 'free') await begin(indexes)
  const [before] = await sql<{ lock: string; statement: string }[]>`
    select current_setting('lock_timeout') as lock, current_setting('statement_timeout') as statement`
  await sql.unsafe('set lock_timeout = 0; set statement_timeout = 0')
  try {
    await executeStatement(sql, script, statement)
  } catch (error) {
    if (!(error instanceof ScriptError)) throw error
    const left = await leftBehind(sql, statement, { indexes }).catch(() => null)
    throw left === null
      ? error
      : new ScriptError({ ...error.failure, message: `${error.failure.message} (${left})` }, error)
  }
  await sql`select set_config('lock_timeout', ${before!.lock}, false), set_config('statement_timeout', ${before!.statement}, false)`
}

/** An earlier attempt at this very statement, as it was written down when it began. */
function attemptAt(statement: Statement, begun: string | null): Attempt | null {
  const [checksum, ...indexes] = begun?.split(' ') ?? []
  return checksum === checksumOf(statement) ? { indexes } : null
}

/** The index of the statement at which a script goes on: the first one, when those that are done are not what they were. */
const resumeAt = (statements: readonly Statement[], { done, checksum }: Progress): number =>
  checksum !== null && checksumOfFirst(statements, done) === checksum ? done : 0

const checksumOfFirst = (statements: readonly Statement[], count: number): string =>
  checksumOf({
    sql: statements
      .slice(0, count)
      .map(({ sql }) => sql)
      .join(';\n'),
  })

// DO and CALL may commit by themselves, and cannot in a transaction of ours.
const standsAlone = ({ node, controlsTransaction, refusesTransaction }: Statement): boolean =>
  controlsTransaction || refusesTransaction || 'DoStmt' in node || 'CallStmt' in node

const sets = ({ node }: Statement): boolean => 'VariableSetStmt' in node

const BEGINS = new Set(['TRANS_STMT_BEGIN', 'TRANS_STMT_START'])
const ENDS = new Set(['TRANS_STMT_COMMIT', 'TRANS_STMT_ROLLBACK', 'TRANS_STMT_PREPARE'])

/** The statement that began the transaction in which the session is after this one, or null. */
function opens(statement: Statement, open: Statement | null): Statement | null {
  const { kind, chain } = (statement.node as { TransactionStmt: { kind?: string; chain?: boolean } }).TransactionStmt
  if (BEGINS.has(String(kind))) return open ?? statement
  return ENDS.has(String(kind)) && chain !== true ? null : open
}
