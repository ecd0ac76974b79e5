import type { Sql } from 'postgres'
import { LandfallError } from './error.ts'

export const foreignTools = ['dbmate', 'flyway', 'golang-migrate', 'goose', 'node-pg-migrate'] as const
export type ForeignTool = (typeof foreignTools)[number]

/** What another runner says of a database. */
export interface ForeignHistory {
  /** With the time at which each was applied, where the tool kept it. */
  readonly applied: readonly { readonly version: string; readonly appliedAt: Date | null }[]
  /** Everything up to this one is applied, whichever it is; null when the tool lists them one by one. */
  readonly upTo: string | null
}

/** Reads the history of another runner, in the schemas that are searched; writes nothing. */
export async function readForeignHistory(sql: Sql, tool: ForeignTool): Promise<ForeignHistory> {
  const { table, columns, read } = tables[tool]
  const found = await sql<{ name: string }[]>`
    select attname as name from pg_attribute where attrelid = to_regclass(${table}) and attnum > 0 and not attisdropped`
  const missing = columns.filter((column) => !found.some(({ name }) => name === column))
  if (missing.length > 0) {
    const what = found.length === 0 ? `there is no table ${table}` : `${table} has no column ${missing.join(', ')}`
    throw new LandfallError('usage', 'migrations/no-foreign-history', `${what}: this is no history of ${tool}`, {
      next: `name the tool that migrated this database (${foreignTools.join(', ')}); its table is looked for in the system's schema and in public`,
    })
  }
  return read(sql)
}

interface ForeignTable {
  readonly table: string
  readonly columns: readonly string[]
  readonly read: (sql: Sql) => Promise<ForeignHistory>
}

interface Applied {
  readonly version: string
  readonly appliedAt: Date | null
}
const oneByOne = (applied: readonly Applied[], upTo: string | null = null): ForeignHistory => ({ applied, upTo })

const tables: Readonly<Record<ForeignTool, ForeignTable>> = {
  dbmate: {
    table: 'schema_migrations',
    columns: ['version'],
    read: async (sql) =>
      oneByOne(await sql<Applied[]>`select version::text, null::timestamptz as "appliedAt" from schema_migrations`),
  },
  'golang-migrate': {
    table: 'schema_migrations',
    columns: ['version', 'dirty'],
    read: async (sql) => {
      const [row] = await sql<{ version: string; dirty: boolean }[]>`
        select version::text, dirty from schema_migrations`
      if (row?.dirty) throw failed('golang-migrate', row.version, 'is marked dirty')
      return oneByOne([], row?.version ?? null)
    },
  },
  goose: {
    table: 'goose_db_version',
    columns: ['id', 'version_id', 'is_applied', 'tstamp'],
    // The latest word on a version counts.
    read: async (sql) =>
      oneByOne(
        await sql<Applied[]>`
        select version, "appliedAt" from (
          select distinct on (version_id) version_id::text as version, is_applied, tstamp::timestamptz as "appliedAt"
          from goose_db_version where version_id > 0 order by version_id, id desc) latest
        where is_applied`,
      ),
  },
  'node-pg-migrate': {
    table: 'pgmigrations',
    columns: ['name', 'run_on'],
    read: async (sql) =>
      oneByOne(
        await sql<Applied[]>`
        select substring(name from '^\\d+') as version, run_on::timestamptz as "appliedAt" from pgmigrations where name ~ '^\\d'`,
      ),
  },
  flyway: {
    table: 'flyway_schema_history',
    columns: ['installed_rank', 'version', 'type', 'installed_on', 'success'],
    read: async (sql) => {
      const rows = await sql<(Applied & { type: string; success: boolean })[]>`
        select distinct on (version) version, type, success, installed_on::timestamptz as "appliedAt"
        from flyway_schema_history where version is not null order by version, installed_rank desc`
      const broken = rows.find(({ success }) => !success)
      if (broken) throw failed('flyway', broken.version, 'failed')
      const there = rows.filter(({ type }) => !/^(UNDO|DELETE)/.test(type))
      return oneByOne(there, there.find(({ type }) => /BASELINE/.test(type))?.version ?? null)
    },
  },
}

const failed = (tool: ForeignTool, version: string, what: string): LandfallError =>
  new LandfallError('findings', 'migrations/foreign-failed', `version ${version} ${what} in the history of ${tool}`, {
    next: `repair it with ${tool} first: nobody knows how far that migration came`,
  })
