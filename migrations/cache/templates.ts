import postgres, { type Sql } from 'postgres'
import type { FreshServer } from '../server/server.ts'
import { transaction } from '../transaction.ts'

/** The role that owns what is kept, and the database that says what that is. Templates are `landfall_cache_<key>`. */
export const LASTING_OWNER = 'landfall_cache'
const REGISTER = 'landfall_cache'
const MADE_BY_LANDFALL = 'made by landfall: what it keeps of replayed migrations; may be dropped at any time'
const MOST_TEMPLATES = 32

const nameOf = (key: string): string => `${REGISTER}_${key}`

/** What a server keeps of replayed migrations: states as template databases, and the proofs that led to them. */
export interface Templates extends AsyncDisposable {
  /** A connection to the register, for what is asked of the server. */
  readonly sql: Sql
  /** Which of these states are there. */
  readonly known: (keys: readonly string[]) => Promise<ReadonlySet<string>>
  /** The texts of the proofs that led to states. */
  readonly proofs: (keys: readonly string[]) => Promise<ReadonlyMap<string, string>>
  /** The name of the database that holds a state. */
  readonly nameOf: (key: string) => string
  /** Says that states and the proofs on the way to them were of use. */
  readonly used: (keys: readonly string[], path: readonly string[]) => Promise<void>
  /** Keeps a database of the run's as a state; from then on it is not the run's. `proofs` are the new ones of the path. */
  readonly keep: (
    key: string,
    database: string,
    path: readonly string[],
    proofs: ReadonlyMap<string, string>,
  ) => Promise<void>
  /** Lets go of a state that is not what its proofs say. */
  readonly forget: (key: string) => Promise<void>
}

/** Null where a stranger's database has the name of the register. */
export async function openTemplates(server: FreshServer): Promise<Templates | null> {
  const sql = await openRegister(server)
  if (sql === null) return null
  const drop = async (keys: readonly string[]): Promise<void> => {
    for (const key of keys) {
      await sql`drop database if exists ${sql(nameOf(key))} with (force)`
      await sql`delete from template where key = ${key}`
    }
  }
  return {
    sql,
    nameOf,
    async known(keys) {
      const rows = await sql<{ key: string }[]>`
        select key from template join pg_database on datname = ${REGISTER} || '_' || key where key = any(${keys as string[]})`
      return new Set(rows.map(({ key }) => key))
    },
    async proofs(keys) {
      const rows = await sql<{ key: string; text: string }[]>`
        select key, text from proof where key = any(${keys as string[]})`
      return new Map(rows.map(({ key, text }) => [key, text]))
    },
    async used(keys, path) {
      await transaction(sql, async (tx) => {
        await tx`update template set used_at = now() where key = any(${keys as string[]})`
        await tx`update proof set used_at = now() where key = any(${path as string[]})`
      })
    },
    async keep(key, database, path, proofs) {
      // The register first: a database that has its name is a whole one, and its proofs are there.
      await transaction(sql, async (tx) => {
        await tx`insert into template (key) values (${key}) on conflict (key) do update set used_at = now()`
        await tx`
          insert into proof (key, text)
          select * from unnest(${[...proofs.keys()]}::text[], ${[...proofs.values()]}::text[])
          on conflict (key) do update set text = excluded.text`
        await tx`update proof set used_at = now() where key = any(${path as string[]})`
      })
      await sql`alter database ${sql(database)} with allow_connections false`
      await sql`alter database ${sql(database)} rename to ${sql(nameOf(key))}`.catch(unlessKept)
      server.cache!.changed()
      await drop(await surplus(sql, server.cache!.limitBytes))
    },
    forget: async (key) => {
      await drop([key])
      server.cache!.changed()
    },
    [Symbol.asyncDispose]: () => sql.end({ timeout: 1 }),
  }
}

/** The states that were of use longest ago, beyond the bounds; proofs that led to none of the others go at once. */
async function surplus(sql: Sql, limitBytes: number): Promise<string[]> {
  const rows = await sql<{ key: string; kept: boolean }[]>`
    select key, row_number() over newest <= ${MOST_TEMPLATES} and sum(bytes) over newest <= ${limitBytes} as kept
    from (select t.key, t.used_at, coalesce(pg_database_size(d.oid), 0) as bytes
          from template t left join pg_database d on d.datname = ${REGISTER} || '_' || t.key) s
    window newest as (order by used_at desc, key)`
  const kept = rows.filter((row) => row.kept).map(({ key }) => key)
  await sql`delete from proof where used_at < (select min(used_at) from template where key = any(${kept}))`
  return rows.filter((row) => !row.kept).map(({ key }) => key)
}

/** Another run kept the same state first; the database stays the run's. */
const unlessKept = (error: unknown): void => {
  if ((error as { code?: string }).code !== '42P04') throw error
}

const LOCK = 5_273_481_106

async function openRegister(server: FreshServer): Promise<Sql | null> {
  const admin = postgres(server.adminUrl, { max: 1, onnotice: () => {} })
  try {
    await admin`select pg_advisory_lock(${LOCK})` // until the connection ends
    const [there] = await admin<{ comment: string | null }[]>`
      select shobj_description(oid, 'pg_database') as comment from pg_database where datname = ${REGISTER}`
    if (there) return there.comment === MADE_BY_LANDFALL ? await register(server) : null
    // Made aside: what has the name is whole.
    const aside = `${REGISTER}_new`
    await admin.unsafe(`drop database if exists ${aside}`)
    await admin.unsafe(`create database ${aside} template template0`)
    await admin.unsafe(`comment on database ${aside} is '${MADE_BY_LANDFALL}'`)
    await admin.unsafe(`revoke connect on database ${aside} from public`)
    await admin.unsafe(`alter database ${aside} rename to ${REGISTER}`)
    return await register(server)
  } finally {
    await admin.end({ timeout: 1 })
  }
}

async function register(server: FreshServer): Promise<Sql> {
  const url = new URL(server.adminUrl)
  url.pathname = `/${REGISTER}`
  const sql = postgres(url.href, { max: 1, onnotice: () => {}, connection: { application_name: 'landfall' } })
  await sql.unsafe(`
    create table if not exists template (key text primary key, used_at timestamptz not null default now());
    create table if not exists proof (key text primary key, text text not null, used_at timestamptz not null default now())`)
  return sql
}
