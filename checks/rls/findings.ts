import type { Catalog } from '../../migrations/catalog/catalog.ts'
import type { Location } from '../../migrations/error.ts'
import type { ReportedFinding } from '../finding.ts'
import type { RuleId } from '../rules.ts'
import { breachFindings } from './breach-findings.ts'
import type { Isolation, Leak } from './isolation.ts'

/** Where migrations define what the findings are about. */
export interface Origins {
  readonly catalog: Catalog
  readonly origins: ReadonlyMap<string, Location>
}

/** What is wrong with the isolation of tenants, each at the line that caused it. */
export function isolationFindings(isolation: Isolation, { catalog, origins }: Origins): ReportedFinding[] {
  const { role, bypass, guards, unowned, hidden, outlives, openers, leaks, definers, unfilled } = isolation
  const at = (...keys: string[]): Location | null => keys.map((key) => origins.get(key)).find((each) => each) ?? null
  const finding = (rule: RuleId, object: string | null, message: string, location: Location | null, sql?: string) => ({
    rule,
    object,
    message,
    location,
    ...(sql !== undefined && { fix: { sql } }),
  })
  if (bypass !== null) {
    const message = `row-level security does not hold for the role of the application: ${bypass}`
    return [finding('rls/role-bypasses', role, message, at(`role ${role}`))]
  }
  const used = guards.filter(({ granted }) => granted)
  const withoutPolicy = used.filter(({ enabled, policies }) => enabled && policies.length === 0)
  return [
    ...used.flatMap(({ table, enabled, forced, mayTruncate, policies }) => [
      ...(enabled
        ? []
        : [
            finding(
              'rls/not-enabled',
              table,
              `${table} holds rows of tenants, ${role} may use it, and row-level security is not enabled`,
              at(`table ${table}`),
              `alter table ${table} enable row level security, force row level security;`,
            ),
          ]),
      ...(enabled && !forced
        ? [
            finding(
              'rls/not-forced',
              table,
              `row-level security of ${table} is enabled and not forced: its owner sees every tenant`,
              at(`table ${table}`),
              `alter table ${table} force row level security;`,
            ),
          ]
        : []),
      ...(mayTruncate
        ? [
            finding(
              'rls/may-truncate',
              table,
              `${role} may truncate ${table}, which no policy stops`,
              at(`table ${table}`),
              `revoke truncate on ${table} from ${role};`,
            ),
          ]
        : []),
      ...policies
        .filter(
          ({ permissive, command, using, check }) =>
            permissive && '*w'.includes(command) && using !== null && check === null,
        )
        .map(({ name }) =>
          finding(
            'rls/check-not-written',
            name,
            `the policy ${name} has no with check: its using decides on new rows too`,
            at(`policy ${name}`),
          ),
        ),
    ]),
    ...withoutPolicy.map(({ table }) =>
      finding(
        'rls/no-policy',
        table,
        `row-level security of ${table} is enabled, and no policy lets ${role} in`,
        at(`table ${table}`),
      ),
    ),
    ...unowned.map((table) =>
      finding(
        'rls/table-without-tenant',
        table,
        `${role} may use ${table}, and nothing says whose its rows are: no column, and no reference to a table of tenants`,
        at(`table ${table}`),
      ),
    ),
    ...breachFindings(isolation, { catalog, origins }),
    ...hidden
      .filter((table) => !withoutPolicy.some((each) => each.table === table))
      .map((table) => {
        const [policy] = guards.find((each) => each.table === table)!.policies
        const message = `a tenant does not see its own rows of ${table}`
        return finding('rls/hides-own-rows', table, message, at(`policy ${policy?.name}`, `table ${table}`))
      }),
    ...(outlives
      ? [
          finding(
            'rls/tenant-outlives-transaction',
            null,
            'the tenant is still set when the transaction that set it has ended: with a pooler the next client has it',
            null,
          ),
        ]
      : []),
    ...openers.map(({ setting, value, table }) => {
      const policies = guards.find((each) => each.table === table)!.policies
      const policy = policies.find(({ using, check }) => `${using} ${check}`.includes(setting)) ?? policies[0]
      const message = `anybody who sets ${setting} to '${value}' reads ${table} without a tenant`
      return finding(
        'rls/opened-by-setting',
        policy?.name ?? table,
        message,
        at(`policy ${policy?.name}`, `table ${table}`),
      )
    }),
    ...leaks.map(({ kind, name }) =>
      finding(
        LEAK_RULES[kind],
        name,
        `the ${kind} ${name} shows ${role} what is another tenant's`,
        at(`${kind} ${name}`),
        LEAK_FIXES[kind](name),
      ),
    ),
    ...definers
      .filter((name) => !leaks.some((leak) => leak.name === name))
      .map((name) =>
        finding(
          'rls/definer-function',
          name,
          `${name} runs as its owner, and ${role} may call it`,
          at(`function ${name}`),
          LEAK_FIXES.function(name),
        ),
      ),
    ...unfilled.map(({ table, reason }) =>
      finding(
        'rls/not-tried',
        table,
        `${table} was not tried with a row of each tenant: ${reason}`,
        at(`table ${table}`),
      ),
    ),
  ]
}

const LEAK_RULES: Readonly<Record<Leak['kind'], RuleId>> = {
  view: 'rls/view-shows-others',
  'materialized view': 'rls/view-shows-others',
  function: 'rls/function-shows-others',
}

const LEAK_FIXES: Readonly<Record<Leak['kind'], (name: string) => string>> = {
  view: (name) => `alter view ${name} set (security_invoker = true);`,
  'materialized view': (name) => `revoke select on ${name} from public;`,
  function: (name) => `alter function ${name} security invoker;`,
}
