import type { ISql } from 'postgres'
import { savepoint } from '../transaction.ts'
import { spokenIn, type Spoken } from './constants.ts'
import { literalsOf } from './literals.ts'
import type { FillableColumn, Tables, ValueType } from './tables.ts'

/** By table (as the catalog names it) and column: texts that make values of the column's type, best first. */
export type Candidates = ReadonlyMap<string, ReadonlyMap<string, readonly string[]>>

/** The candidates for every column, each accepted by the input function of its type, domain checks included. */
export async function candidatesFor(sql: ISql, { tables, types }: Tables): Promise<Candidates> {
  const wanted = new Map<string, Set<string>>()
  const raw = new Map<string, Map<string, string[]>>()
  for (const table of tables) {
    const checks = await Promise.all(table.checks.map(({ expression }) => spokenIn(expression)))
    const own = new Map<string, string[]>()
    for (const column of table.columns) {
      const spoken = [
        ...checks.filter(({ columns }) => columns.has(column.name)),
        ...(await spokenOfDomains(column, types)),
      ]
      const literals = literalsOf(types.get(column.type)!, column.modifier, types, spoken)
      own.set(column.name, literals)
      const known = wanted.get(column.declared) ?? new Set()
      for (const literal of literals) known.add(literal)
      wanted.set(column.declared, known)
    }
    raw.set(table.qualified, own)
  }
  const accepted = await acceptedOf(sql, wanted)
  return new Map(
    tables.map((table) => [
      table.qualified,
      new Map(
        table.columns.map(({ name, declared }) => [
          name,
          raw
            .get(table.qualified)!
            .get(name)!
            .filter((literal) => accepted.get(declared)!.has(literal)),
        ]),
      ),
    ]),
  )
}

async function spokenOfDomains({ type }: FillableColumn, types: ReadonlyMap<string, ValueType>): Promise<Spoken[]> {
  const spoken: Spoken[] = []
  for (let of = types.get(type); of; of = of.of === null ? undefined : types.get(of.of))
    for (const check of of.checks) spoken.push(await spokenIn(check))
  return spoken
}

type Literals = ReadonlyMap<string, ReadonlySet<string>>

/** What the server takes. An input function that throws instead of saying no makes its type be asked for alone. */
async function acceptedOf(sql: ISql, wanted: Literals): Promise<Literals> {
  const [version] = await sql<{ number: number }[]>`select current_setting('server_version_num')::int as number`
  if (version!.number < FIRST_WITH_VALIDATION) return wanted
  const ask = async (some: Literals): Promise<Literals> => {
    const pairs = [...some].flatMap(([type, literals]) => [...literals].map((literal) => [type, literal] as const))
    const rows = await savepoint(sql, () => validOf(sql, pairs))
    const accepted = new Map([...some.keys()].map((type) => [type, new Set<string>()]))
    for (const [index, { valid }] of rows.entries()) if (valid) accepted.get(pairs[index]![0])!.add(pairs[index]![1])
    return accepted
  }
  try {
    return await ask(wanted)
  } catch {
    const each = new Map<string, ReadonlySet<string>>()
    for (const [type, literals] of wanted)
      each.set(
        type,
        await ask(new Map([[type, literals]])).then(
          (one) => one.get(type)!,
          () => new Set<string>(),
        ),
      )
    return each
  }
}

const FIRST_WITH_VALIDATION = 160_000

const validOf = (sql: ISql, pairs: readonly (readonly [string, string])[]) => sql<{ valid: boolean }[]>`
  select pg_input_is_valid(literal, type) as valid
  from unnest(${pairs.map(([type]) => type)}::text[], ${pairs.map(([, literal]) => literal)}::text[]) with ordinality pair(type, literal, n)
  order by n`
