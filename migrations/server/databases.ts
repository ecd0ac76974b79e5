import { randomBytes } from 'node:crypto'
import postgres, { type Sql } from 'postgres'
import { dropRun } from './drop-run.ts'
import type { FreshServer } from './server.ts'

export interface ConnectOptions {
  /** Comes first in the search_path; `public` follows. */
  readonly schema?: string
  readonly max?: number
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
  create(): Promise<Database>
}

/** Names carry a random run id, so that two runs on one server never meet. */
export async function openDatabases(server: FreshServer): Promise<Databases> {
  const prefix = `landfall_${randomBytes(5).toString('hex')}`
  const password = randomBytes(24).toString('base64url')
  const admin = postgres(server.adminUrl, { max: 2, onnotice: () => {} })
  if (server.provider === 'server') server.guard({ kind: 'databases', url: server.adminUrl, prefix })
  try {
    await admin.unsafe(`create role ${prefix} login createrole password '${password}'`)
    await admin.unsafe(`do $$ begin
      if not (select rolsuper from pg_roles where rolname = current_user) then execute 'grant ${prefix} to current_user'; end if;
    end $$`)
  } catch (error) {
    await admin.end({ timeout: 1 })
    throw error
  }
  let count = 0

  const create = async (template: string): Promise<Database> => {
    const name = `${prefix}_${++count}`
    const strategy = server.version.startsWith('14') ? admin`` : admin`strategy file_copy`
    await admin`create database ${admin(name)} owner ${admin(prefix)} template ${admin(template)} ${strategy}`
    const url = urlOf(server.adminUrl, name, prefix, password)
    return {
      name,
      url,
      superuserUrl: urlOf(server.adminUrl, name),
      connect: (options = {}) => connect(url, options),
      clone: () => create(name),
      [Symbol.asyncDispose]: async () => void (await admin`drop database if exists ${admin(name)} with (force)`),
    }
  }

  return {
    server,
    owner: prefix,
    create: () => create('template0'),
    async [Symbol.asyncDispose]() {
      // On a server of our own everything goes with it.
      try {
        if (server.provider === 'server') await dropRun(admin, prefix)
      } finally {
        await admin.end({ timeout: 1 })
      }
    },
  }
}

/** A connection with the search_path of a system, as a startup parameter: `reset all` returns to it. */
export function connect(url: string, { schema = 'public', max = 1 }: ConnectOptions = {}): Sql {
  return postgres(url, {
    max,
    onnotice: () => {},
    connection: { search_path: searchPath(schema), application_name: 'landfall' },
  })
}

export const searchPath = (schema: string): string => (schema === 'public' ? 'public' : `"${schema}", public`)

function urlOf(base: string, database: string, user?: string, password?: string): string {
  const url = new URL(base)
  url.pathname = `/${database}`
  if (user !== undefined && password !== undefined) [url.username, url.password] = [user, password]
  return url.href
}
