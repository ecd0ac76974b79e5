import postgres from 'postgres'
import { expect, test } from 'vitest'
import { testDatabases } from '../../fixtures/database.ts'
import { readCatalog } from '../../migrations/catalog/read.ts'
import { connect, type Database } from '../../migrations/server/databases.ts'
import type { ReportedFinding } from '../finding.ts'
import { rlsSettings } from '../settings.ts'
import { isolationFindings } from './findings.ts'
import { proveIsolation } from './prove-isolation.ts'

const tenants = ['0b6e2f0e-6f4d-4a63-9c55-0f6f1d6f2a01', '0b6e2f0e-6f4d-4a63-9c55-0f6f1d6f2a02']

/** Tenants, their projects, tasks that name a project, notes that hang on a task, and events that may be nobody's. */
const right = `
  create table tenants (id uuid primary key, name text not null);
  create table projects (id uuid primary key, tenant_id uuid not null references tenants, name text not null, unique (tenant_id, id));
  create table tasks (id int generated always as identity primary key, tenant_id uuid not null references tenants, project_id uuid,
    title text not null check (title <> ''), foreign key (tenant_id, project_id) references projects (tenant_id, id));
  create table notes (task_id int not null references tasks, body text, author varchar(20) not null);
  create table events (id uuid primary key default gen_random_uuid(), tenant_id uuid references tenants, what text not null);
  create function tenant() returns uuid language sql stable as $$ select nullif(current_setting('app.tenant', true), '')::uuid $$;
  create function set_tenant(id uuid) returns void language sql as $$ select set_config('app.tenant', id::text, true) $$;
`
const guard = (table: string, using: string, check = using): string => `
  alter table ${table} enable row level security, force row level security;
  create policy own on ${table} using (${using}) with check (${check});`
const guards = [
  guard('tenants', 'id = tenant()'),
  ...['projects', 'tasks', 'events'].map((table) => guard(table, 'tenant_id = tenant()')),
  guard('notes', 'exists (select from tasks t where t.id = task_id and t.tenant_id = tenant())'),
].join('\n')

interface Trial extends AsyncDisposable {
  readonly role: string
  readonly run: (sql: string) => Promise<void>
  readonly findings: (settings?: object) => Promise<readonly (readonly [string, string | null, string])[]>
}

/** A database that a script has run on, as its owner, and the role of an application with every privilege but truncate. */
async function trial(script: string): Promise<Trial> {
  const databases = await testDatabases()
  const database: Database = await databases.create()
  const role = `${database.name}_app`
  const owner = database.connect()
  await owner.unsafe(
    `create role ${role}; ${script}; grant select, insert, update, delete on all tables in schema public to ${role};
    grant usage on schema public to ${role}`,
  )
  await owner.end()
  return {
    role,
    async run(sql) {
      const superuser = postgres(database.superuserUrl, { max: 1, onnotice: () => {} })
      await superuser.unsafe(sql)
      await superuser.end()
    },
    async findings(settings = {}) {
      const given = rlsSettings.parse({ role, tenants, setTenant: 'select set_tenant($1)', ...settings })
      await using copy = await database.clone()
      const isolation = await proveIsolation(copy, 'public', given)
      const sql = connect(database.superuserUrl)
      const catalog = await readCatalog(sql)
      await sql.end()
      const found: ReportedFinding[] = isolationFindings(isolation, { catalog, origins: new Map() })
      return found.map(({ rule, object, message }) => [rule, object ?? null, message!.replaceAll(role, 'app')] as const)
    },
    [Symbol.asyncDispose]: () => databases[Symbol.asyncDispose](),
  }
}

const named = (found: readonly (readonly [string, string | null, string])[]) =>
  found.map(([rule, object]) => `${rule} ${object}`).toSorted()

test('a system that keeps its tenants apart has no findings, and every wrong condition in it has one', async () => {
  await using system = await trial(`${right} ${guards}`)
  expect(await system.findings()).toEqual([])

  // Each table gets a mistake of its own.
  await system.run(`
    alter policy own on tasks with check (true);
    alter policy own on notes using (true);
    create policy open on events for select using (tenant_id is null);
    alter policy own on projects using (id = tenant());
    create policy staff on tenants for select using (current_setting('app.staff', true) = 'yes');
  `)
  expect(await system.findings()).toEqual([
    [
      'rls/reads-rows-of-nobody',
      'public.events.open',
      "app can read rows of public.events that are not its tenant's, with a tenant set, without a tenant, after a transaction that had one and with a tenant that there is not through the policy public.events.open: permissive policies are joined by OR, was it meant as restrictive?",
    ],
    [
      'rls/reads-other-tenant',
      'public.notes.own',
      "app can read and delete rows of public.notes that are not its tenant's, with a tenant set, without a tenant, after a transaction that had one and with a tenant that there is not through the policy public.notes.own",
    ],
    [
      'rls/writes-other-tenant',
      'public.tasks.own',
      "app can insert and give away rows of public.tasks that are not its tenant's, with a tenant set, without a tenant, after a transaction that had one and with a tenant that there is not through the policy public.tasks.own",
    ],
    ['rls/hides-own-rows', 'public.projects', 'a tenant does not see its own rows of public.projects'],
    [
      'rls/opened-by-setting',
      'public.tenants.staff',
      "anybody who sets app.staff to 'yes' reads public.tenants without a tenant",
    ],
  ])
})

test('what is missing, left open beside the policies, or looks past them is found', async () => {
  await using system = await trial(`${right} ${guards}
    create table words (word text primary key);
    create table colours (name text primary key);
    create table todos (id int primary key, tenant_id uuid not null references tenants, project_id uuid references projects (id));
    create table drafts (id int primary key, tenant_id uuid not null);
    create table logs (id int primary key, tenant_id uuid not null);
    create table stamps (id int primary key, tenant_id uuid not null);
    create table impossible (id int primary key, tenant_id uuid not null, no text not null check (no <> no));
    create table hidden (id int primary key, tenant_id uuid not null);
    ${['todos', 'drafts', 'stamps', 'impossible'].map((table) => guard(table, 'tenant_id = tenant()')).join('\n')}
    alter table drafts no force row level security;
    alter table logs enable row level security, force row level security;
    create policy own on logs for insert with check (true);
    create policy usual on stamps for delete using (current_setting('app.tenant') = tenant_id::text or tenant() is null);
    alter policy own on tasks using (tenant_id = tenant());
    drop policy own on events;
    alter table notes disable row level security;
    create view titles as select title from tasks;
    create view safe with (security_invoker) as select title from tasks;
    create materialized view counts as select count(*) from tasks;
    create function newest() returns text language sql security definer as $$ select max(title) from tasks $$;
    create function by_id(n int) returns text language sql security definer as $$ select title from tasks where id = n $$;
    revoke execute on function newest() from public;
  `)
  await system.run(`
    grant execute on function newest() to ${system.role};
    grant truncate on projects to ${system.role};
    revoke all on hidden from ${system.role};
    -- Whoever made them is no superuser, and none of their policies is for it: views and functions show it nothing.
    alter view titles owner to current_user;
    alter materialized view counts owner to current_user;
    alter function newest() owner to current_user;
  `)
  expect(named(await system.findings({ shared: ['colours'] }))).toEqual(
    [
      'rls/definer-function public.by_id(n integer)',
      'rls/function-shows-others public.newest()',
      'rls/hides-own-rows public.logs',
      'rls/may-truncate public.projects',
      'rls/no-policy public.events',
      'rls/not-enabled public.notes',
      'rls/not-forced public.drafts',
      'rls/not-tried public.impossible',
      'rls/refers-to-other-tenant public.todos.project_id',
      'rls/table-without-tenant public.words',
      'rls/view-shows-others public.counts',
      'rls/view-shows-others public.titles',
      'rls/writes-other-tenant public.logs.own',
      'rls/open-without-tenant public.stamps.usual',
    ].toSorted(),
  )
})

test('a tenant that stays, and a role that is above policies, are found; settings that do not fit are said', async () => {
  await using system = await trial(`${right} ${guards}`)
  const setTenant = `select set_config('app.tenant', $1, false)`
  expect(named(await system.findings({ setTenant }))).toEqual(['rls/tenant-outlives-transaction null'])
  for (const [settings, code] of [
    [{ role: 'nobody_of_that_name' }, 'rls/no-role'],
    [{ shared: ['nothing'] }, 'rls/no-table'],
    [{ column: 'customer' }, 'rls/no-tenants'],
    [{ tenants: ['a', 'b'] }, 'rls/bad-tenant'],
    [{ setTenant: 'select no_such_function($1)' }, 'rls/set-tenant-fails'],
  ] as const)
    await expect(system.findings(settings)).rejects.toMatchObject({ kind: 'usage', code })

  await system.run(`alter role ${system.role} bypassrls`)
  expect(await system.findings()).toEqual([
    [
      'rls/role-bypasses',
      system.role,
      'row-level security does not hold for the role of the application: app has BYPASSRLS',
    ],
  ])
  await system.run(`alter role ${system.role} nobypassrls`)
  const boss = `${system.role}_boss`
  await system.run(`create role ${boss}; alter table tasks owner to ${boss}; grant ${boss} to ${system.role}`)
  expect(named(await system.findings())).toEqual([`rls/role-bypasses ${system.role}`])
})
