import { LandfallError } from '../../migrations/error.ts'
import { isSqlite, sqliteFile } from '../../migrations/sqlite/url.ts'
import { formatNames } from '../report/formats.ts'
import type { ProviderName } from '../../migrations/server/server.ts'

/** What every command understands. */
export interface CommonFlags {
  readonly config?: string
  readonly system?: readonly string[]
  /** Commands that work on a named database start no server; they accept the flag and have no use for it. */
  readonly provider?: ProviderName | 'auto'
  readonly report?: readonly string[]
}

export const commonFlags = {
  config: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'FILE',
    brief: 'Config file (default: landfall.config.ts here or above)',
  },
  system: {
    kind: 'parsed',
    parse: String,
    optional: true,
    variadic: true,
    placeholder: 'NAME',
    brief: 'Only this system (repeatable)',
  },
  provider: {
    kind: 'enum',
    values: ['auto', 'testcontainers', 'embedded', 'server'],
    optional: true,
    brief: 'Where a fresh PostgreSQL comes from (default: the config says)',
  },
  report: {
    kind: 'parsed',
    parse: String,
    optional: true,
    variadic: true,
    placeholder: 'FORMAT[=FILE]',
    brief: `${formatNames.join(', ')}; without FILE to standard output (repeatable)`,
  },
} as const

export interface DatabaseFlags {
  readonly databaseUrl?: string
}

export const databaseFlags = {
  databaseUrl: {
    kind: 'parsed',
    parse: String,
    optional: true,
    placeholder: 'URL',
    brief: 'The database (default: DATABASE_URL)',
  },
} as const

/** Of commands that work on SQLite files too. */
export const anyDatabaseFlags = {
  databaseUrl: {
    ...databaseFlags.databaseUrl,
    brief: 'The database, postgres://… or sqlite:FILE (default: DATABASE_URL)',
  },
} as const

/** The PostgreSQL database that a command works on; there is no other default than the environment's. */
export function databaseUrlOf(flags: DatabaseFlags, env: Readonly<Record<string, string | undefined>>): string {
  const url = anyDatabaseUrlOf(flags, env)
  if (!isSqlite(url)) return url
  throw new LandfallError(
    'usage',
    'database/not-postgres',
    'this command works on PostgreSQL, and a SQLite file is named',
    {
      next: 'give --database-url postgres://…; landfall migrate and landfall data work on SQLite files',
    },
  )
}

/** The same, or a SQLite file: `sqlite:data/app.db`. */
export function anyDatabaseUrlOf(
  { databaseUrl }: DatabaseFlags,
  env: Readonly<Record<string, string | undefined>>,
): string {
  const url = databaseUrl ?? env['DATABASE_URL']
  if (url === undefined || url === '') {
    throw new LandfallError('usage', 'database/none', 'no database is named', {
      next: 'set DATABASE_URL, or give --database-url URL',
    })
  }
  if (isSqlite(url) && sqliteFile(url) !== '') return url
  if (!URL.canParse(url) || !/^postgres(ql)?:$/.test(new URL(url).protocol)) {
    throw new LandfallError(
      'usage',
      'database/bad-url',
      'the database URL is not a postgres:// URL (it is not shown: it may hold a password)',
      {
        next: 'write it as postgres://user:password@host:5432/database',
      },
    )
  }
  return url
}
