import postgres from 'postgres'
import { LandfallError, messageOf } from '../error.ts'
import { redact } from './redact.ts'
import type { FreshServer, ServerCache } from './server.ts'
import { startWatchdog } from './watchdog.ts'

const KEPT_BYTES = 2 ** 30
const ON_THE_SERVER: ServerCache = { limitBytes: KEPT_BYTES, changed: () => {}, save: async () => {} }

/**
 * A server that is there already, at `url`: landfall makes databases and roles of its own on it, and drops them. With
 * `cache` template databases stay on it, with a role that owns them.
 */
export async function useExternal(url: string, reason: string, cache = false): Promise<FreshServer> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 10, fetch_types: false })
  const watchdog = startWatchdog()
  try {
    const [row] = await sql<{ version: string; may: boolean }[]>`
      select split_part(current_setting('server_version'), ' ', 1) as version,
             rolsuper or (rolcreatedb and rolcreaterole) as may
      from pg_roles where rolname = current_user`
    if (!row?.may) {
      throw new LandfallError(
        'environment',
        'server/not-allowed',
        `the user of ${redact(url)} may not create databases and roles`,
        {
          next: 'give LANDFALL_SERVER_URL a superuser, or a role with CREATEDB and CREATEROLE, of a server made for tests',
        },
      )
    }
    return {
      provider: 'server',
      reason,
      version: row.version,
      adminUrl: url,
      cache: cache ? ON_THE_SERVER : null,
      guard: watchdog.guard,
      [Symbol.asyncDispose]: watchdog.release,
    }
  } catch (error) {
    await watchdog.release()
    if (error instanceof LandfallError) throw error
    throw new LandfallError(
      'environment',
      'server/unreachable',
      `cannot connect to ${redact(url)}: ${messageOf(error)}`,
      {
        next: 'check LANDFALL_SERVER_URL, and that the server runs',
      },
    )
  } finally {
    await sql.end({ timeout: 1 })
  }
}
