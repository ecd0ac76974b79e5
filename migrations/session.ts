import { setTimeout as sleep } from 'node:timers/promises'
import type { Sql } from 'postgres'
import { LandfallError, messageOf } from './error.ts'
import { namingLostConnection } from './connection-error.ts'
import { resetSession } from './execute.ts'
import { pooledError, refusePooler } from './pooler.ts'
import { connect } from './server/databases.ts'
import { redact } from './server/redact.ts'
import { defaultLimits, type Limits, type Target } from './target.ts'

/** The one connection of a runner, which holds the lock of its system. */
export interface Session {
  readonly sql: Sql
  readonly target: Target
  readonly limits: Limits
  /** Throws unless this very session still holds the lock. */
  readonly assertLocked: () => Promise<void>
  /** As it was before a script changed it. */
  readonly reset: () => Promise<void>
}

/** One runner per database and system at a time: a try-lock, polled without an open transaction, so that nobody waits for us. */
export async function locked<T>(target: Target, work: (session: Session) => Promise<T>): Promise<T> {
  const limits = { ...defaultLimits, ...target.limits }
  const sql = connect(target.url, { schema: target.schema, settings: settingsOf(limits) })
  return using(target.url, sql, async () => {
    await refusePooler(sql, target.url)
    const noticesDeath = await watchesClient(sql)
    using _ = await cancelling(target, sql)
    const key = `landfall migrate ${target.system}`
    await acquire(sql, key, target, () => anotherRunner(target))
    const reset = async (): Promise<void> => {
      const reset = resetSession(sql)
      if (noticesDeath) await sql.unsafe(NOTICE_DEATH)
      await reset
    }
    const assertLocked = async (): Promise<void> => {
      const [row] = await sql<{ held: boolean }[]>`
        select exists (
          select from pg_locks
          where locktype = 'advisory' and granted and pid = pg_backend_pid()
            and database = (select oid from pg_database where datname = current_database())
            and (classid::bigint << 32) | objid::bigint = hashtextextended(${key}, 0)) as held`
      if (row?.held) return
      throw new LandfallError('environment', 'migrations/lock-lost', `the lock of ${target.system} was lost`, {
        next: 'the connection broke, or a pooler stands between: see why, and run the command again',
      })
    }
    return await work({ sql, target, limits, assertLocked, reset }) // not before it is done: `cancelling` ends with this block
  })
}

/** A connection for looking, without a lock. */
export function looking<T>(url: string, schema: string, work: (sql: Sql) => Promise<T>): Promise<T> {
  const sql = connect(url, { schema })
  return using(url, sql, () => work(sql))
}

/** Polls for an advisory lock of this session until it is there, or `refusal` is thrown. */
export async function acquire(
  sql: Sql,
  key: string,
  { lockWaitMs, signal }: Pick<Target, 'lockWaitMs' | 'signal'>,
  refusal: () => Error,
): Promise<void> {
  for (const start = Date.now(); ; await sleep(50 + 100 * Math.random())) {
    signal?.throwIfAborted()
    const [row] = await sql<{ held: boolean }[]>`select pg_try_advisory_lock(hashtextextended(${key}, 0)) as held`
    if (row?.held) return
    if (Date.now() - start >= lockWaitMs) throw refusal()
  }
}

const anotherRunner = ({ system, url }: Target): LandfallError =>
  new LandfallError('environment', 'migrations/locked', `another runner migrates ${system} on ${redact(url)}`, {
    next: 'wait for it, or give more time with --lock-wait SECONDS',
  })

// As startup parameters: whatever a script resets, it returns to these.
const settingsOf = ({ lockTimeoutMs, statementTimeoutMs }: Limits): Readonly<Record<string, string>> => ({
  lock_timeout: String(lockTimeoutMs),
  statement_timeout: String(statementTimeoutMs),
  idle_in_transaction_session_timeout: '0',
})

const NOTICE_DEATH = "set client_connection_check_interval = '1s'"

/** Without it PostgreSQL goes on for as long as a statement takes after its client was killed, and keeps the lock. */
const watchesClient = (sql: Sql): Promise<boolean> =>
  sql.unsafe(NOTICE_DEATH).then(
    () => true,
    () => false, // before PostgreSQL 14, and where the system cannot tell
  )

async function using<T>(url: string, sql: Sql, work: () => Promise<T>): Promise<T> {
  try {
    await sql`select 1`.catch((cause: unknown) => {
      throw unreachable(url, cause)
    })
    return await work()
  } catch (error) {
    throw namingLostConnection(error)
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** What stands between landfall and a database that does not answer. */
export const unreachable = (url: string, cause: unknown): LandfallError =>
  /startup parameter/.test(messageOf(cause))
    ? pooledError(url, messageOf(cause))
    : new LandfallError(
        'environment',
        'database/unreachable',
        `cannot connect to ${redact(url)}: ${messageOf(cause)}`,
        {
          next: 'check DATABASE_URL or --database-url, and that the server runs',
        },
      )

/** While it is in use, an abort cancels the statement that runs on `sql`: PostgreSQL itself does not see that its client left. */
async function cancelling({ url, signal }: Target, sql: Sql): Promise<Disposable> {
  const [session] = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  const cancel = (): void => {
    const other = connect(url)
    other`select pg_cancel_backend(${session!.pid})`.catch(() => {}).finally(() => void other.end({ timeout: 1 }))
  }
  signal?.addEventListener('abort', cancel)
  return { [Symbol.dispose]: () => signal?.removeEventListener('abort', cancel) }
}
