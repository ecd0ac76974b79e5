import { randomBytes } from 'node:crypto'
import postgres from 'postgres'
import { messageOf } from '../migrations/error.ts'
import { startWatchdog } from '../migrations/server/watchdog.ts'
import { CopyConnection } from './copy-connection.ts'
import type { Place } from './database.ts'
import { identifier, qualified } from './identifier.ts'

/** A database like the target, to be thrown away. */
export interface TargetCopy extends AsyncDisposable {
  readonly url: string
}

/**
 * A copy of the whole database on its own server, made by PostgreSQL itself; or why there is none: the role may not
 * create databases, or somebody is connected. It is gone when the process is.
 */
export async function cloneTarget({ url }: Place): Promise<TargetCopy | string> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  const adminUrl = withDatabase(url, name === 'postgres' ? 'template1' : 'postgres')
  const copy = `landfall_rehearsal_${randomBytes(5).toString('hex')}`
  const admin = postgres(adminUrl, { max: 1, onnotice: () => {}, connect_timeout: 10 })
  const watchdog = startWatchdog()
  watchdog.guard({ kind: 'databases', url: adminUrl, prefix: copy })
  try {
    await admin.unsafe(`create database ${identifier(copy)} template ${identifier(name)}`)
    return { url: withDatabase(url, copy), [Symbol.asyncDispose]: watchdog.release }
  } catch (error) {
    await watchdog.release()
    return messageOf(error)
  } finally {
    await admin.end({ timeout: 1 })
  }
}

function withDatabase(url: string, database: string): string {
  const changed = new URL(url)
  changed.pathname = `/${encodeURIComponent(database)}`
  return changed.href
}

/**
 * Copies the rows of some tables, of those that they refer to, and of the ledger into a database that has the same
 * tables, all as they are at one moment. `superuserUrl` is of that database: neither triggers nor foreign keys get in the way.
 */
export async function copyRows(from: Place, superuserUrl: string, tables: readonly string[]): Promise<string[]> {
  await using source = await CopyConnection.open(from)
  await using copy = await CopyConnection.open({ ...from, url: superuserUrl })
  await copy.query('set session_replication_role = replica')
  await source.query('begin isolation level repeatable read read only')
  const needed = await neededTables(source, from.schema, tables)
  for (const { table, columns } of needed) {
    const names = columns.map(identifier).join(', ')
    await source.pipe(`copy (select ${names} from ${table}) to stdout`, copy, `copy ${table} (${names}) from stdin`)
  }
  await source.query('rollback')
  return needed.map(({ table }) => table)
}

const LEDGER = ['backfill_run', 'backfill_partition', 'backfill_batch']

async function neededTables(
  source: CopyConnection,
  schema: string,
  tables: readonly string[],
): Promise<{ table: string; columns: string[] }[]> {
  const rows = await source.query(
    `with recursive needed (oid) as (
       select to_regclass(name)::oid from unnest($1::text[]) name where to_regclass(name) is not null
       union
       select f.confrelid from needed n join pg_constraint f on f.conrelid = n.oid and f.contype = 'f'
     )
     select format('%I.%I', s.nspname, c.relname) as name,
       to_json(array(select attname from pg_attribute where attrelid = c.oid and attnum > 0 and not attisdropped and attgenerated = '' order by attnum))::text as columns
     from needed n join pg_class c on c.oid = n.oid join pg_namespace s on s.oid = c.relnamespace order by s.nspname = 'landfall', 1`,
    [[...tables.map((table) => qualified(schema, table)), ...LEDGER.map((table) => qualified('landfall', table))]],
  )
  return rows.map(({ name, columns }) => ({ table: name!, columns: JSON.parse(columns!) as string[] }))
}
