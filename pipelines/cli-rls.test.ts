import { expect, test } from 'vitest'
import { configOf, projectOf } from '../fixtures/project.ts'
import { loadConfig } from './load-config.ts'

const rls = {
  role: 'cli_rls_app',
  tenants: ['1', '2'],
  setTenant: `select set_config('app.tenant', $1::text, true)`,
  column: 'customer',
}
const up = `create table notes (id int primary key, customer int not null, text text);
create view texts as select text from notes;
alter table notes enable row level security, force row level security;
create policy own on notes
  using (customer = nullif(current_setting('app.tenant', true), '')::int)
  with check (true);
grant select, insert, update, delete on notes to cli_rls_app;
grant select on texts to cli_rls_app;
`
const files = {
  'roles.sql': `do $$ begin create role cli_rls_app; exception when duplicate_object or unique_violation then null; end $$;\n`,
  'sql/0001_create_notes.up.sql': up,
  'sql/0001_create_notes.down.sql': 'drop view texts;\n\ndrop table notes;\n',
  'sql/0002_share.up.sql': 'create policy shared on notes for select using (text is not null);\n',
  'sql/0002_share.down.sql': 'drop policy shared on notes;\n',
}
const migrations = { dir: 'sql', prelude: 'roles.sql' }

test('what one tenant can do to another fails the check, at the line of the migration that lets it', async () => {
  await using project = await projectOf({ 'landfall.config.ts': configOf({ migrations, rls }), ...files })
  const { code, report } = await project.reported(['check', 'rls'])
  expect(code).toBe(1)
  const found = report.findings.map(({ rule, object, location }) => [rule, object, location?.file, location?.line])
  expect(found).toHaveLength(3)
  expect(found).toEqual(
    expect.arrayContaining([
      ['rls/reads-other-tenant', 'public.notes.shared', 'sql/0002_share.up.sql', 1],
      ['rls/view-shows-others', 'public.texts', 'sql/0001_create_notes.up.sql', 8],
      ['rls/writes-other-tenant', 'public.notes.own', 'sql/0001_create_notes.up.sql', 4],
    ]),
  )
})

test('tenants that are one, and a statement that sets none, are mistakes of the config', async () => {
  const invalid = { migrations, rls: { ...rls, tenants: ['1', '1'], setTenant: 'x' } }
  await using project = await projectOf({ 'landfall.config.ts': configOf(invalid), ...files })
  await expect(loadConfig({ cwd: project.root, readTypeScript: async () => {} }, null)).rejects.toMatchObject({
    kind: 'usage',
    message: expect.stringMatching(/expected two different tenants[^]*expected \$1 in it, for the tenant/) as string,
  })
})
