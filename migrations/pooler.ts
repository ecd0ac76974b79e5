import type { Sql } from 'postgres'
import { LandfallError } from './error.ts'
import { connect } from './server/databases.ts'
import { redact } from './server/redact.ts'

// Two clients that take turns meet on one server connection at once, unless others come between.
const TURNS = 5

/**
 * Refuses a pooler that gives a client a different session for each transaction: a lock taken there is nobody's, and what
 * a script sets is set for strangers. A pooler that keeps sessions together is as good as the server.
 */
export async function refusePooler(sql: Sql, url: string): Promise<void> {
  const asked = sql.options.connection
  const [row] = await sql<{ kept: boolean }[]>`
    select current_setting('lock_timeout')::interval = ${`${String(asked['lock_timeout'])} ms`}::interval
       and current_setting('search_path') = ${String(asked['search_path'])} as kept`
  if (!row?.kept) throw pooledError(url, 'it does not pass on what a session sets')
  const first = await backendsOf(sql)
  // The server names itself at the start of a connection; who stands between gives a name of its own.
  if (first.named === first.pid) return
  const other = connect(url)
  try {
    for (let turn = 0; turn < TURNS; turn++) {
      const [mine, theirs] = [await backendsOf(sql), await backendsOf(other)]
      if (mine.pid !== first.pid || mine.pid === theirs.pid)
        throw pooledError(url, 'it shares one session among clients')
    }
  } finally {
    await other.end({ timeout: 1 })
  }
}

async function backendsOf(sql: Sql): Promise<{ named: number; pid: number }> {
  const rows = await sql<{ pid: number }[]>`select pg_backend_pid() as pid`
  return { named: rows.state.pid, pid: rows[0]!.pid }
}

/** A connection that is no session. */
export const pooledError = (url: string, what: string): LandfallError =>
  new LandfallError('environment', 'database/pooled', `${redact(url)} leads to a connection pooler: ${what}`, {
    next: 'give the URL of the server itself for migrations, or of a pool in session mode that passes startup parameters on',
  })
