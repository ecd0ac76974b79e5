import { expect, test } from 'vitest'
import { testDatabases } from '../../fixtures/database.ts'
import { prepareAigentflow } from '../../fixtures/systems/aigentflow/database.ts'
import { connect } from '../../migrations/server/databases.ts'
import { rlsSettings } from '../settings.ts'
import { isolationFindings } from './findings.ts'
import { proveIsolation } from './prove-isolation.ts'

const settings = rlsSettings.parse({
  role: 'aigentflow_app',
  tenants: ['0b6e2f0e-6f4d-4a63-9c55-0f6f1d6f2a01', '0b6e2f0e-6f4d-4a63-9c55-0f6f1d6f2a02'],
  setTenant: 'select set_tenant_context($1)',
})
const tables =
  `tenants users projects tasks task_executions artifacts approvals lessons self_reviews patterns audit_logs`.split(' ')

/** A mistake in the protection of one table → what finds it. A tenant may only read itself, and not delete entries. */
const mistakes: Readonly<
  Record<string, { sql: (table: string) => string; rules: readonly string[]; not?: readonly string[] }>
> = {
  'the policy is dropped': { sql: (t) => `drop policy tenant_isolation on ${t}`, rules: ['rls/no-policy'] },
  'row-level security is disabled': {
    sql: (t) => `alter table ${t} disable row level security`,
    rules: ['rls/not-enabled'],
  },
  'it is not forced': { sql: (t) => `alter table ${t} no force row level security`, rules: ['rls/not-forced'] },
  'what is read is not compared': {
    sql: (t) => `alter policy tenant_isolation on ${t} using (true)`,
    rules: ['rls/reads-other-tenant', 'rls/writes-other-tenant'],
  },
  'what is written is not compared': {
    sql: (t) => `alter policy tenant_isolation on ${t} with check (true)`,
    rules: ['rls/writes-other-tenant'],
    not: ['tenants'],
  },
  'the tenant is compared with something else': {
    sql: (t) =>
      `alter policy tenant_isolation on ${t} using (md5(${t === 'tenants' ? 'id' : t === 'tasks' ? 'project_id' : 'id'}::text) = current_tenant_id()::text)`,
    rules: ['rls/hides-own-rows'],
  },
  'without a tenant all is open': {
    sql: (t) => `create policy lax on ${t} for select using (current_tenant_id() is null)`,
    rules: ['rls/open-without-tenant', 'rls/reads-rows-of-nobody'],
  },
  'a setting stands for the service': {
    sql: (t) => `create policy service on ${t} using (current_setting('app.role', true) = 'service')`,
    rules: ['rls/opened-by-setting'],
  },
  'anybody may delete': {
    sql: (t) => `create policy tidy on ${t} for delete using (true)`,
    rules: ['rls/writes-other-tenant'],
    not: ['tenants', 'audit_logs'],
  },
  'the policy of the service is everybody’s': {
    sql: (t) => `alter policy service_access on ${t} to public`,
    rules: ['rls/reads-other-tenant', 'rls/writes-other-tenant'],
  },
  'a view looks past it': {
    sql: (t) => `create view every_one as select * from ${t}; grant select on every_one to aigentflow_app`,
    rules: ['rls/view-shows-others'],
  },
  'truncate is granted': { sql: (t) => `grant truncate on ${t} to aigentflow_app`, rules: ['rls/may-truncate'] },
}

test('every mistake in the protection of every table of aigentflow is found', async () => {
  await using databases = await testDatabases()
  const database = await databases.create()
  await prepareAigentflow(database)
  const missed: string[] = []
  for (const [mistake, { sql, rules, not = [] }] of Object.entries(mistakes)) {
    for (const table of tables.filter((each) => !not.includes(each))) {
      await using copy = await database.clone()
      const superuser = connect(copy.superuserUrl, { schema: 'aigentflow' })
      await superuser.unsafe(sql(table))
      await superuser.end()
      const found = isolationFindings(await proveIsolation(copy, 'aigentflow', settings), {
        catalog: { objects: [] },
        origins: new Map(),
      })
      if (!found.some(({ rule }) => rules.includes(rule)))
        missed.push(`${mistake}: ${table}: ${found.map(({ rule }) => rule).join()}`)
    }
  }
  expect(missed).toEqual([])
})
