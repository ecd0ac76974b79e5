import type { Sql } from 'postgres'
import { readTables } from '../../migrations/data/tables.ts'
import { transaction } from '../../migrations/transaction.ts'
import { LandfallError } from '../../migrations/error.ts'
import { connect, type Database } from '../../migrations/server/databases.ts'
import type { RlsSettings } from '../settings.ts'
import { needSuperuser } from '../superuser.ts'
import { attempt } from './attempt.ts'
import type { Breach, Isolation, Leak, State } from './isolation.ts'
import { leaksOf } from './leaks.ts'
import { changedSettings, openersOf, settingsRead } from './openers.ts'
import { fillForTenants, setTenant, type Whose } from './rows.ts'
import { bypassOf, definersOf, guardsOf, writableColumns } from './structure.ts'
import { tenanciesOf } from './tenancy.ts'
import { asTenant, sayTenant, tryTables, type GuardedGround } from './try-tables.ts'

/**
 * Tries, as a role that is not the owner, what two tenants must not do to each other, with rows of both in every table.
 * The database is a copy of the replayed one, for the caller to throw away.
 * @throws {LandfallError} `usage` for settings that do not fit the database · `environment` without a superuser
 */
export async function proveIsolation(database: Database, schema: string, settings: RlsSettings): Promise<Isolation> {
  const { role } = settings
  const sql = connect(database.superuserUrl, { schema })
  try {
    await needSuperuser(sql, 'the rls check acts as other roles')
    const bypass = await bypassOf(sql, role)
    const all = await readTables(sql)
    const tenancies = tenanciesOf(all.tables, settings)
    const names = all.tables.map(({ qualified }) => qualified)
    const shared = sharedTables(settings, all.tables)
    if (tenancies.size === 0) throw nothingToTry(settings)
    const guards = await guardsOf(sql, role, names)
    const owned = guards.filter(({ table }) => tenancies.has(table))
    const { rows, tenants, unfilled } = await fillForTenants(sql, all, tenancies, settings)
    const writable = await writableColumns(sql, role)
    const grounds = all.tables.flatMap((table): GuardedGround[] => {
      const guard = owned.find((each) => each.table === table.qualified)
      // What is open as a whole is said once; what the role may not touch needs no policy.
      if (!guard?.granted || !guard.enabled || bypass !== null) return []
      return [{ table, tenancies, rows, tenants, writable: writable.get(table.qualified)!, guard }]
    })

    const [breaches, hidden, leaks]: [Breach[], Set<string>, Leak[]] = [[], new Set(), []]
    let attempts = 0
    const tryAs = async (
      state: State,
      { acting = null, tenant = null, on = sql }: { acting?: Whose; tenant?: string | null; on?: Sql },
    ): Promise<void> => {
      await asTenant(on, settings, { tenant, real: acting !== null }, async (tx) => {
        const tried = await tryTables(tx, role, grounds, state, acting)
        breaches.push(...tried.breaches)
        for (const table of tried.hidden) hidden.add(table)
        attempts += tried.attempts
        if (bypass !== null || state === 'second') return
        for (const leak of await leaksOf(tx, { role, state, tenancies, tenant: acting === null ? null : tenant }))
          if (!leaks.some(({ name }) => name === leak.name)) leaks.push(leak)
      })
    }
    // A session that never had a tenant is another one than that of the rows.
    const fresh = connect(database.superuserUrl, { schema })
    try {
      await tryAs('unset', { on: fresh })
    } finally {
      await fresh.end({ timeout: 1 })
    }
    await tryAs('first', { acting: 0, tenant: tenants[0] })
    await tryAs('second', { acting: 1, tenant: tenants[1] })
    const outlives = await tenantOutlives(sql, settings, tenants[0], grounds, breaches)
    if (!outlives) await tryAs('after', {})
    await tryAs('unknown', { tenant: await unknownTenant(sql, tenants) })
    await tryAs('empty', { tenant: '' })

    const open = owned.filter(({ granted, enabled }) => granted && enabled && bypass === null)
    const read = await settingsRead(sql, open)
    const carriers = await asTenant(sql, settings, { tenant: null, real: true }, (tx) =>
      changedSettings(tx, read, () => setTenant(tx, settings, tenants[0])),
    )
    const closed = open.filter(({ table }) => !breaches.some((each) => each.table === table && each.state === 'unset'))
    const openers = await asTenant(sql, settings, { tenant: null, real: true }, (tx) =>
      openersOf(tx, role, closed, carriers!),
    )
    return {
      role,
      bypass,
      guards: owned,
      unowned: guards
        .filter(({ table, granted }) => granted && !tenancies.has(table) && !shared.has(table))
        .map(({ table }) => table),
      breaches,
      hidden: [...hidden],
      outlives,
      openers: openers!,
      leaks,
      definers: await definersOf(sql, role),
      unfilled: unfilled.filter(({ table }) => owned.some((guard) => guard.table === table && guard.granted)),
      attempts,
    }
  } finally {
    await sql.end({ timeout: 1 })
  }
}

/** Whether a role still sees rows after the transaction that said whose; the session is as new afterwards. */
async function tenantOutlives(
  sql: Sql,
  settings: RlsSettings,
  tenant: string,
  grounds: readonly GuardedGround[],
  breaches: readonly Breach[],
): Promise<boolean> {
  await transaction(sql, (tx) => sayTenant(tx, settings, tenant))
  const closed = grounds.filter(
    ({ table }) => !breaches.some((each) => each.table === table.qualified && each.state === 'unset'),
  )
  const seen = await asTenant(sql, settings, { tenant: null, real: true }, async (tx) => {
    for (const { table } of closed) {
      const outcome = await attempt(tx, settings.role, {
        act: async (own) =>
          (await own.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table.qualified}`))[0]!.n,
      })
      if (outcome.kind === 'done' && outcome.count > 0) return true
    }
    return false
  })
  if (seen) await sql`reset all`
  return seen!
}

/** An id that the type of the tenants takes, and that is none of them. */
async function unknownTenant(sql: Sql, tenants: readonly string[]): Promise<string> {
  const [type] = await sql<{ uuid: boolean; number: boolean }[]>`
    select ${tenants[0]!} ~* '^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$' as uuid, ${tenants[0]!} ~ '^[0-9]+$' as number`
  return type!.uuid ? crypto.randomUUID() : type!.number ? '2147480047' : 'a tenant that there is not'
}

function sharedTables(
  { shared }: RlsSettings,
  tables: readonly { readonly name: string; readonly qualified: string }[],
): Set<string> {
  const unknown = shared.find((name) => !tables.some((table) => table.name === name))
  if (unknown !== undefined) {
    throw new LandfallError(
      'usage',
      'rls/no-table',
      `rls.shared: there is no table "${unknown}" after all migrations`,
      {
        next: 'correct the name, or take it out',
      },
    )
  }
  return new Set(tables.filter(({ name }) => shared.includes(name)).map(({ qualified }) => qualified))
}

const nothingToTry = ({ column }: RlsSettings): LandfallError =>
  new LandfallError('usage', 'rls/no-tenants', `rls.column: no table has a column "${column}"`, {
    next: 'name the column that says whose a row is',
  })
