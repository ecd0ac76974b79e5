import type { ISql } from 'postgres'
import { attempt, type Attempt } from './attempt.ts'
import type { Leak, State } from './isolation.ts'
import { indirections } from './structure.ts'
import { tenantExpression, type Tenancies } from './tenancy.ts'

interface LeakRequest {
  readonly role: string
  readonly state: State
  readonly tenancies: Tenancies
  /** The tenant that is set; null when there is none. */
  readonly tenant: string | null
}

/**
 * Views, and functions that run as somebody else, whose answer changes when what is not the tenant's is taken away. An
 * answer that is refused tells nothing.
 */
export async function leaksOf(tx: ISql, request: LeakRequest): Promise<Leak[]> {
  const { role, state, tenancies, tenant } = request
  const leaks: Leak[] = []
  for (const { kind, name, query } of await indirections(tx, role)) {
    const refresh = (sql: ISql) =>
      kind === 'materialized view' ? [sql.unsafe(`refresh materialized view ${name}`)] : []
    // Whose a row is may hang on another row: the tables that refer go first.
    const foreign = [...tenancies.keys()].toReversed()
    const takeAway = (sql: ISql) =>
      foreign.map((table) =>
        sql.unsafe(
          `delete from ${table} as t where ${tenantExpression(tenancies, table, 't')} is distinct from $1::text`,
          [tenant],
        ),
      )
    const [whole, own] = [
      await answer(tx, role, query, refresh),
      await answer(tx, role, query, (sql) => [...takeAway(sql), ...refresh(sql)]),
    ]
    if (whole !== null && own !== null && whole !== own) leaks.push({ kind, name, state })
  }
  return leaks
}

async function answer(
  tx: ISql,
  role: string,
  query: string,
  prepare: NonNullable<Attempt['prepare']>,
): Promise<string | null> {
  let rows: string | null = null
  await attempt(tx, role, {
    prepare,
    act: async (sql) => {
      const found = await sql.unsafe<{ row: string }[]>(query)
      rows = found
        .map(({ row }) => row)
        .toSorted()
        .join('\n')
      return found.length
    },
  })
  return rows
}
