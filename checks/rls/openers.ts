import type { ISql } from 'postgres'
import { loadModule, parseSync } from 'libpg-query'
import { attempt } from './attempt.ts'
import type { Guard, Isolation } from './isolation.ts'

/** What the condition of a policy reads from the session, and what it may compare that with. */
interface Spoken {
  readonly settings: ReadonlySet<string>
  readonly constants: ReadonlySet<string>
}

const YES = ['true', 'on', '1', 'yes']

/**
 * Settings, other than the tenant's, that open a table when anybody sets them: tried with every constant that stands in
 * the same policies. `tenantSettings` are those that carry the tenant.
 */
export async function openersOf(
  tx: ISql,
  role: string,
  guards: readonly Guard[],
  tenantSettings: ReadonlySet<string>,
): Promise<Isolation['openers']> {
  const openers: Isolation['openers'][number][] = []
  for (const { table, policies } of guards) {
    const expressions = policies.flatMap(({ using, check }) => [using, check]).filter((each) => each !== null)
    const { settings, constants } = await spokenIn([...expressions, ...(await bodiesBehind(tx, table))])
    for (const setting of settings) {
      if (tenantSettings.has(setting)) continue
      for (const value of new Set([...constants, ...YES])) {
        const outcome = await attempt(tx, role, {
          act: async (sql) => {
            await sql`select set_config(${setting}, ${value}, true)`
            return (await sql.unsafe<{ n: number }[]>(`select count(*)::int as n from ${table}`))[0]!.n
          },
        })
        if (outcome.kind !== 'done' || outcome.count === 0) continue
        openers.push({ setting, value, table })
        break
      }
    }
  }
  return openers
}

/** The settings of a session that a statement changes. */
export async function changedSettings(
  sql: ISql,
  names: ReadonlySet<string>,
  change: () => Promise<void>,
): Promise<Set<string>> {
  const read = async (): Promise<(string | null)[]> =>
    (
      await sql<{ value: string | null }[]>`
        select current_setting(name, true) as value from unnest(${[...names]}::text[]) with ordinality s(name, n) order by n`
    ).map(({ value }) => value)
  const before = await read()
  await change()
  const after = await read()
  return new Set([...names].filter((_, n) => before[n] !== after[n]))
}

/** Every setting that the policies of some tables read. */
export async function settingsRead(sql: ISql, guards: readonly Guard[]): Promise<Set<string>> {
  const settings = new Set<string>()
  for (const { table, policies } of guards) {
    const expressions = policies.flatMap(({ using, check }) => [using, check]).filter((each) => each !== null)
    for (const name of (await spokenIn([...expressions, ...(await bodiesBehind(sql, table))])).settings)
      settings.add(name)
  }
  return settings
}

/** The bodies of the functions that the policies of a table call. */
const bodiesBehind = async (sql: ISql, table: string): Promise<string[]> =>
  (
    await sql<{ body: string }[]>`
      select distinct p.prosrc as body from pg_policy y join pg_depend d on d.classid = 'pg_policy'::regclass and d.objid = y.oid
      join pg_proc p on d.refclassid = 'pg_proc'::regclass and d.refobjid = p.oid
      where y.polrelid = ${table}::regclass and p.oid >= 16384`
  ).map(({ body }) => body)

async function spokenIn(texts: readonly string[]): Promise<Spoken> {
  await loadModule()
  const [settings, constants] = [new Set<string>(), new Set<string>()]
  for (const text of texts) {
    walk(parsed(text), (node) => {
      const { FuncCall: call, A_Const: constant } = node as {
        FuncCall?: {
          funcname?: { String?: { sval?: string } }[]
          args?: {
            A_Const?: { sval?: { sval?: string } }
            TypeCast?: { arg?: { A_Const?: { sval?: { sval?: string } } } }
          }[]
        }
        A_Const?: { sval?: { sval?: string } }
      }
      if (call?.funcname?.at(-1)?.String?.sval === 'current_setting') {
        const [first] = call.args ?? []
        const name = (first?.TypeCast?.arg ?? first)?.A_Const?.sval?.sval
        if (name !== undefined) settings.add(name)
      }
      if (constant?.sval?.sval !== undefined) constants.add(constant.sval.sval)
    })
  }
  for (const name of settings) constants.delete(name)
  return { settings, constants }
}

/** An expression, or the body of a function in SQL; of another language nothing is known. */
function parsed(text: string): unknown {
  for (const statement of [`select ${text}`, text]) {
    try {
      return parseSync(statement)
    } catch {
      continue
    }
  }
  return null
}

function walk(node: unknown, visit: (node: Readonly<Record<string, unknown>>) => void): void {
  if (node === null || typeof node !== 'object') return
  if (!Array.isArray(node)) visit(node as Readonly<Record<string, unknown>>)
  for (const child of Object.values(node)) walk(child, visit)
}
