import { createHash } from 'node:crypto'
import type { Sql } from 'postgres'
import type { Migration, Script } from '../migration.ts'
import { toolVersion } from '../version.ts'

/** Counts the forms of what is kept; another one makes all that was kept before unknown. */
const FORMAT = 1

export interface Replayed {
  readonly migrations: readonly Migration[]
  readonly schema: string
  /** The contents of the prelude, or null. */
  readonly prelude: string | null
}

/**
 * The names of the states that migrations go through: `keys[n]` is that after the first n. Each is a hash of the one
 * before it and of all that a migration says and is reported by, so that touching a file changes its own and all later ones.
 * `server` is what `serverIdentity` says.
 */
export function stateKeys({ migrations, schema, prelude }: Replayed, server: string): string[] {
  const keys = [hashOf(FORMAT, toolVersion, server, schema, prelude)]
  for (const { version, name, up, down, irreversible } of migrations)
    keys.push(hashOf(keys.at(-1)!, version, name, partsOf(up), down && partsOf(down), irreversible))
  return keys
}

const partsOf = ({ file, sql, transaction, firstLine }: Script): unknown => [file, sql, transaction, firstLine]

// 128 bits, so that a name made of it is a name of PostgreSQL.
const hashOf = (...parts: readonly unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 32)

/** What of a server decides what a script makes on it: its version, its locale, its defaults, its extensions. */
export async function serverIdentity(sql: Sql): Promise<string> {
  const [row] = await sql<{ identity: string }[]>`
    select json_build_array(
      current_setting('server_version_num'),
      (select catalog_version_no from pg_control_system()),
      (select to_jsonb(d) - '{oid,datname,datfrozenxid,datminmxid,datacl,dathasloginevt}'::text[] from pg_database d where datname = 'template0'),
      (select json_agg(array[name, setting] order by name) from pg_settings
       where category like 'Client Connection Defaults%' or category like 'Version and Platform Compatibility%'),
      (select json_agg(array[name, default_version] order by name) from pg_available_extensions)
    )::text as identity`
  return row!.identity
}
