import { randomBytes } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
import { OWN_ARRAYS } from './array-types.ts'
import { dropRolesMade, dropRun, rolesMade } from './drop-run.ts'
import type { FreshServer } from './server.ts'

export interface ConnectOptions {
  /** Comes first in the search_path; `public` follows. */
  readonly schema?: string
  /** More than one: for rows of a team's own too, whose enums come in arrays. */
  readonly max?: number
  /** Further settings of the session: `reset all` returns to them. */
  readonly settings?: Readonly<Record<string, string>>
}

/** A database of this run. It is owned by a role that has CREATEROLE and is no superuser. */
export interface Database extends AsyncDisposable {
  readonly name: string
  /** Connects as the owner. */
  readonly url: string
  /** Connects as the server's own user; for the prelude. */
  readonly superuserUrl: string
  /** A connection of the owner's, one by default; the caller ends it. */
  connect(options?: ConnectOptions): Sql
  /** A copy of this database as it stands, in about 30 ms; nobody else may be connected to it. */
  clone(): Promise<Database>
}

/** The databases of one run on a fresh server, and the role that owns them; all are dropped at the end. */
export interface Databases extends AsyncDisposable {
  readonly server: FreshServer
  readonly owner: string
  /** An empty database, or a copy of another one that nobody is connected to. */
  create(template?: string): Promise<Database>
  /** Drops the roles that migrations made, when no database is left that needs them. */
  dropRoles(): Promise<void>
  /** Takes the names from the roles that migrations made, for others to have them; what it resolves to gives them back. */
  parkRoles(): Promise<() => Promise<void>>
}

export interface DatabasesOptions {
  /** A role that stays on the server owns the databases, so that what is kept of a run can be another run's. */
  readonly lastingOwner?: string | null
}

/** Databases of about 8 MB each that a passing server may hold without use. */
const UNUSED = 16

/** Names carry a random run id, so that two runs on one server never meet. */
export async function openDatabases(
  server: FreshServer,
  { lastingOwner = null }: DatabasesOptions = {},
): Promise<Databases> {
  const prefix = `landfall_${randomBytes(5).toString('hex')}`
  const password = randomBytes(24).toString('base64url')
  const admin = postgres(server.adminUrl, { max: 2, onnotice: () => {}, fetch_types: false })
  if (server.provider === 'server') server.guard({ kind: 'databases', url: server.adminUrl, prefix })
  const owner = lastingOwner ?? prefix
  const grant = (role: string): string => `do $$ begin
      if not (select rolsuper from pg_roles where rolname = current_user) then execute 'grant ${role} to current_user'; end if;
    end $$`
  try {
    await admin.unsafe(`create role ${prefix} login createrole password '${password}'`)
    await admin.unsafe(grant(prefix))
    if (lastingOwner !== null) {
      await admin`create role ${admin(lastingOwner)} nologin createrole`.catch(unlessThere)
      await admin.unsafe(grant(lastingOwner))
      await admin`grant ${admin(lastingOwner)} to ${admin(prefix)}`
      await admin`alter role ${admin(prefix)} set role = ${admin(lastingOwner)}`
    }
  } catch (error) {
    await admin.end({ timeout: 1 })
    throw error
  }
  let count = 0
  // To drop a database takes longer than to let it go with its server, as long as they are few.
  const passing = server.provider !== 'server' && server.cache === null
  const unused: string[] = []
  const dropUnused = async (): Promise<void> => {
    for (const name of unused.splice(0)) await admin`drop database if exists ${admin(name)} with (force)`
  }

  const create = async (template: string): Promise<Database> => {
    const name = `${prefix}_${++count}`
    const strategy = server.version.startsWith('14') ? admin`` : admin`strategy file_copy`
    await admin`create database ${admin(name)} owner ${admin(owner)} template ${admin(template)} ${strategy}`
    const url = urlOf(server.adminUrl, name, prefix, password)
    return {
      name,
      url,
      superuserUrl: urlOf(server.adminUrl, name),
      connect: (options = {}) => connect(url, options),
      clone: () => create(name),
      [Symbol.asyncDispose]: async () => {
        unused.push(name)
        if (!passing || unused.length > UNUSED) await dropUnused()
      },
    }
  }

  return {
    server,
    owner,
    create: (template = 'template0') => create(template),
    async dropRoles() {
      await dropUnused()
      await dropRolesMade(admin, prefix)
    },
    async parkRoles() {
      const parked = (await rolesMade(admin, prefix)).map((role, n) => [role, `${prefix}_role_${n}`] as const)
      for (const [role, name] of parked) await admin`alter role ${admin(role)} rename to ${admin(name)}`
      return async () => {
        for (const [role, name] of parked) await admin`alter role ${admin(name)} rename to ${admin(role)}`
      }
    },
    async [Symbol.asyncDispose]() {
      // On a server of our own everything goes with it, unless it is kept.
      try {
        if (server.provider === 'server' || server.cache !== null) await dropRun(admin, prefix)
      } finally {
        await admin.end({ timeout: 1 })
      }
    },
  }
}

const unlessThere = (error: unknown): void => {
  // Two at once meet in the index, not in the check before it.
  if (!['42710', '23505'].includes((error as { code?: string }).code ?? '')) throw error
}

/**
 * A connection with the search_path of a system, as a startup parameter: `reset all` returns to it. What was lost stays
 * lost: postgres.js else connects again in silence, in the middle of a transaction too.
 */
export function connect(url: string, { schema = 'public', max = 1, settings = {} }: ConnectOptions = {}): Sql {
  const sql = postgres(url, {
    max,
    onnotice: () => {},
    // postgres.js never answers a `reserve` that comes first where no types are asked for.
    ...(max === 1 ? OWN_ARRAYS : {}),
    connection: { search_path: searchPath(schema), application_name: 'landfall', ...settings },
    max_lifetime: null, // else it is closed after half an hour, whatever it is doing
    onclose: () => void sql.end({ timeout: 0 }),
  })
  return sql
}

export const searchPath = (schema: string): string => (schema === 'public' ? 'public' : `"${schema}", public`)

function urlOf(base: string, database: string, user?: string, password?: string): string {
  const url = new URL(base)
  url.pathname = `/${database}`
  if (user !== undefined && password !== undefined) [url.username, url.password] = [user, password]
  return url.href
}
