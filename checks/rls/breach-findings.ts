import type { ReportedFinding } from '../finding.ts'
import type { RuleId } from '../rules.ts'
import type { Origins } from './findings.ts'
import { states, type Breach, type Isolation, type State, type Verb } from './isolation.ts'

const PHRASES: Readonly<Record<Verb, string>> = {
  select: 'read',
  insert: 'insert',
  update: 'change',
  delete: 'delete',
  move: 'give away',
  refer: 'refer to',
}

/** The worst comes first: it gives its name to what one policy lets pass. */
const ORDER: readonly RuleId[] = [
  'rls/reads-other-tenant',
  'rls/writes-other-tenant',
  'rls/moves-to-other-tenant',
  'rls/open-without-tenant',
  'rls/reads-rows-of-nobody',
  'rls/refers-to-other-tenant',
]

const isTenant = (state: State): boolean => state === 'first' || state === 'second'

function ruleOf({ verb, state, whose }: Breach): RuleId {
  if (verb === 'refer') return 'rls/refers-to-other-tenant'
  if (verb === 'select' && whose === null) return 'rls/reads-rows-of-nobody'
  if (!isTenant(state)) return 'rls/open-without-tenant'
  if (verb === 'move') return 'rls/moves-to-other-tenant'
  if (verb !== 'select') return 'rls/writes-other-tenant'
  return 'rls/reads-other-tenant'
}

/** One finding for what one policy of a table lets pass, or one kind of it where it is no single policy's. */
export function breachFindings(
  { role, breaches, guards }: Isolation,
  { catalog, origins }: Origins,
): ReportedFinding[] {
  const groups = Map.groupBy(breaches, (breach) =>
    [breach.table, breach.columns.join(), breach.policy ?? (breach.verb === 'refer' ? 'refer' : '')].join('|'),
  )
  return [...groups.values()].map((group) => {
    const { table, columns, policy } = group[0]!
    const rule = ORDER.find((each) => group.some((breach) => ruleOf(breach) === each))!
    if (rule === 'rls/refers-to-other-tenant') {
      const key = catalog.objects.find(
        ({ kind, relation, definition: d }) =>
          kind === 'constraint' &&
          relation === table &&
          d['type'] === 'f' &&
          columns.every((name) => (d['columns'] as string[]).includes(name)),
      )
      return {
        rule,
        object: `${table}.${columns.join(', ')}`,
        message: `a row of one tenant in ${table} can refer to another tenant's by ${columns.join(', ')}: the foreign key looks past policies`,
        location: (key && origins.get(`constraint ${key.name}`)) ?? origins.get(`table ${table}`) ?? null,
      }
    }
    const permissive = guards.find((guard) => guard.table === table)!.policies.filter((each) => each.permissive)
    const joined =
      policy !== null && permissive.length > 1
        ? ': permissive policies are joined by OR, was it meant as restrictive?'
        : ''
    const through = policy === null ? '' : ` through the policy ${policy}${joined}`
    return {
      rule,
      object: policy ?? table,
      message: `${role} can ${verbsOf(group)} of ${table} that are not its tenant's, ${statesOf(group)}${through}`,
      location: origins.get(`policy ${policy}`) ?? origins.get(`table ${table}`) ?? null,
    }
  })
}

const verbsOf = (group: readonly Breach[]): string => {
  const verbs = (Object.keys(PHRASES) as Verb[]).filter((each) => group.some(({ verb }) => verb === each))
  return `${listed(verbs.map((verb) => PHRASES[verb]))} rows`
}

const statesOf = (group: readonly Breach[]): string => {
  const has = (state: State): boolean => group.some((breach) => breach.state === state)
  const without = (Object.keys(states) as State[]).filter((state) => !isTenant(state) && has(state))
  return listed([
    ...(has('first') || has('second') ? ['with a tenant set'] : []),
    ...without.map((state) => states[state]),
  ])
}

const listed = (words: readonly string[]): string =>
  words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
