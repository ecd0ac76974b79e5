import type { Sql } from 'postgres'
import { LandfallError } from '../migrations/error.ts'

/**
 * `what` is what only a superuser may do.
 * @throws {LandfallError} `environment`
 */
export async function needSuperuser(sql: Sql, what: string): Promise<void> {
  const [user] = await sql<{ rolsuper: boolean }[]>`select rolsuper from pg_roles where rolname = session_user`
  if (user?.rolsuper) return
  throw new LandfallError('environment', 'checks/no-superuser', `${what}, which only a superuser may`, {
    next: 'give LANDFALL_SERVER_URL a superuser of a server made for tests, or use another provider',
  })
}
