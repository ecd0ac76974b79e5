import type { ISql, Sql } from 'postgres'
import { fillTables, type Unfilled } from '../../migrations/data/generate.ts'
import type { Tables } from '../../migrations/data/tables.ts'
import { LandfallError, messageOf } from '../../migrations/error.ts'
import { transaction } from '../../migrations/transaction.ts'
import type { RlsSettings } from '../settings.ts'
import { tenantExpression, type Tenancies } from './tenancy.ts'

/** Whose a row is: the first tenant's, the second's, nobody's. */
export type Whose = 0 | 1 | null

/** A row of a table, as the text of its `jsonb`. */
export interface OwnedRow {
  readonly row: string
  readonly whose: Whose
}

/** Table, as the catalog names it → its rows of the two tenants and of nobody. */
export type OwnedRows = ReadonlyMap<string, readonly OwnedRow[]>

export interface Filled {
  readonly rows: OwnedRows
  /** The tenants as PostgreSQL writes them. */
  readonly tenants: readonly [string, string]
  /** Tables without a row of one of the tenants, and why. */
  readonly unfilled: readonly Unfilled[]
}

/** Puts rows of both tenants into every table that has tenants, and of nobody where that may be. */
export async function fillForTenants(
  sql: Sql,
  all: Tables,
  tenancies: Tenancies,
  settings: RlsSettings,
): Promise<Filled> {
  const tenants = await asWritten(sql, all, tenancies, settings.tenants)
  const rest = all.tables.map(({ qualified }) => qualified).filter((table) => !tenancies.has(table))
  const unfilled = new Map<string, Unfilled>()
  const nullable = all.tables.filter(({ qualified, columns }) => {
    const tenancy = tenancies.get(qualified)
    return tenancy?.kind === 'column' && columns.some(({ name, notNull }) => name === tenancy.column && !notNull)
  })
  await transaction(sql, (tx) => fillTables(tx, all, { style: 'tidy', fixtures: null, only: new Set(rest) }))
  for (const [nth, tenant] of [...tenants, null].entries()) {
    const only = new Set(tenant === null ? nullable.map(({ qualified }) => qualified) : tenancies.keys())
    const given = [...tenancies].flatMap(([table, tenancy]) =>
      tenancy.kind === 'through' ? [] : [[table, { [tenancy.column]: tenant }] as const],
    )
    const others = (await readOwned(sql, tenancies, tenant)).others
    const left = await transaction(sql, async (tx) => {
      if (tenant !== null) await setTenant(tx, settings, tenant)
      return fillTables(tx, all, {
        style: 'tidy',
        fixtures: null,
        only,
        share: { given: new Map(given), apart: others, nth },
      })
    })
    if (tenant !== null) for (const each of left) unfilled.set(each.table, each)
  }
  return { rows: await ownedRows(sql, tenancies, tenants), tenants, unfilled: [...unfilled.values()] }
}

/** Says to the session whose rows it works on. @throws {LandfallError} `usage` */
export async function setTenant(sql: ISql, { setTenant: statement }: RlsSettings, tenant: string): Promise<void> {
  try {
    await sql.unsafe(statement, [tenant])
  } catch (cause) {
    throw new LandfallError('usage', 'rls/set-tenant-fails', `rls.setTenant fails: ${messageOf(cause)}`, {
      next: 'it is one statement with the tenant as $1, for example select set_tenant_context($1)',
      cause,
    })
  }
}

async function ownedRows(sql: Sql, tenancies: Tenancies, tenants: readonly string[]): Promise<OwnedRows> {
  const rows = new Map<string, OwnedRow[]>()
  for (const table of tenancies.keys()) {
    const read = await rowsOf(sql, tenancies, table)
    rows.set(
      table,
      read.flatMap(({ row, tenant }) => {
        const at = tenant === null ? null : tenants.indexOf(tenant)
        return at === -1 ? [] : [{ row, whose: at as Whose }]
      }),
    )
  }
  return rows
}

async function readOwned(
  sql: Sql,
  tenancies: Tenancies,
  tenant: string | null,
): Promise<{ others: Map<string, readonly string[]> }> {
  const others = new Map<string, readonly string[]>()
  for (const table of tenancies.keys()) {
    const read = await rowsOf(sql, tenancies, table)
    others.set(
      table,
      read.filter((each) => each.tenant !== tenant).map(({ row }) => row),
    )
  }
  return { others }
}

const rowsOf = (sql: Sql, tenancies: Tenancies, table: string) =>
  sql.unsafe<{ row: string; tenant: string | null }[]>(
    `select to_jsonb(t)::text as row, ${tenantExpression(tenancies, table, 't')} as tenant from ${table} as t`,
  )

/** The tenants' ids as values of the column that holds them. */
async function asWritten(
  sql: Sql,
  { tables }: Tables,
  tenancies: Tenancies,
  ids: readonly [string, string],
): Promise<readonly [string, string]> {
  const table = tables.find(
    ({ qualified }) => tenancies.has(qualified) && tenancies.get(qualified)!.kind !== 'through',
  )!
  const tenancy = tenancies.get(table.qualified) as { column: string }
  const { declared } = table.columns.find(({ name }) => name === tenancy.column)!
  try {
    const [row] = await sql.unsafe<{ first: string; second: string }[]>(
      `select $1::text::${declared}::text as first, $2::text::${declared}::text as second`,
      [...ids],
    )
    return [row!.first, row!.second]
  } catch (cause) {
    throw new LandfallError('usage', 'rls/bad-tenant', `rls.tenants: ${messageOf(cause)}`, {
      next: `name two tenants by values of ${table.qualified}.${tenancy.column}, which is ${declared}`,
      cause,
    })
  }
}
