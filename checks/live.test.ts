import { expect, test } from 'vitest'
import { freshDatabase, testDatabases } from '../fixtures/database.ts'
import { migrationOf } from '../fixtures/migration.ts'
import { compareLive } from '../migrations/live.ts'
import { proveSystem } from '../migrations/prove.ts'
import { migrateUp } from '../migrations/runner.ts'
import { liveFinding } from './live-findings.ts'

const MIGRATIONS = [
  migrationOf(
    '0001',
    `create table tasks (id int primary key, title text not null default '', state text check (state in ('a', 'b')));
     create index tasks_title on tasks (title);
     grant select on tasks to public;`,
    'drop table tasks;',
  ),
  migrationOf('0002', 'alter table tasks add column due date;', 'alter table tasks drop column due;'),
  migrationOf('0003', 'create table later (id int primary key);', 'drop table later;'),
]

test('what was changed by hand in a live database is told with the SQL that undoes it; what is pending is not', async () => {
  await using databases = await testDatabases()
  await using live = await freshDatabase()
  const proof = await proveSystem({ databases, migrations: MIGRATIONS, schema: 'public', prelude: null, root: '.' })
  const target = { url: live.url, system: 'app', schema: 'public', lockWaitMs: 1000 }
  const compare = async (url = live.url, system = 'app'): Promise<unknown> => {
    const { basis, applied, differences, expected } = await compareLive({
      url,
      system,
      schema: 'public',
      proofs: proof.proofs,
    })
    const findings = differences.map((one) => liveFinding(one, expected, proof.origins))
    return { basis, applied, findings }
  }
  await migrateUp({ ...target, migrations: MIGRATIONS.slice(0, 2) })
  expect(await compare()).toEqual({ basis: 'history', applied: 2, findings: [] })
  // Without a history of that name: the state that fits best.
  expect(await compare(live.url, 'other')).toEqual({ basis: 'closest', applied: 2, findings: [] })

  // What an environment has of its own is nobody's drift.
  const role = `bi_${new URL(live.url).pathname.slice(1)}`
  await using _ = {
    [Symbol.asyncDispose]: async () =>
      void (await live.sql.unsafe(`grant "${role}" to current_user; drop owned by "${role}"; drop role "${role}"`)),
  }
  await live.sql.unsafe(`
    create role "${role}" login password 'sesame';
    create schema elsewhere; create table elsewhere.t (); create table schema_migrations (version text primary key);
    alter table tasks set (fillfactor = 70);`)
  expect(await compare()).toEqual({ basis: 'history', applied: 2, findings: [] })

  await live.sql.unsafe(`
    drop index tasks_title;
    alter table tasks add column note text, alter column title set default 'x', alter column title drop not null;
    create table by_hand (id int);
    grant update on tasks to public;
    grant select on tasks to "${role}";`)
  const weak = Object.assign(new URL(live.url), { username: role, password: 'sesame' }).href
  const found = (await compare()) as { findings: ReturnType<typeof liveFinding>[] }
  // A role that may not even see the history says the same, by the catalog alone.
  expect(await compare(weak)).toEqual({ ...found, basis: 'closest' })
  expect(found.findings.map(({ rule, message, location }) => [rule, message, location?.line ?? null])).toEqual([
    [
      'drift/live-different',
      "column public.tasks.title differs: notNull is false, and true by its migrations; default is 'x'::text, and ''::text by its migrations",
      1,
    ],
    ['drift/live-missing', 'index public.tasks_title is not in the live database', 2],
    ['drift/live-privileges', `table public.tasks grants PUBLIC UPDATE, ${role} SELECT in the live database`, 3],
    ['drift/live-extra', 'column public.tasks.note is in the live database, and no migration makes it', null],
    ['drift/live-extra', 'table public.by_hand is in the live database, and no migration makes it', null],
  ])
  for (const { fix } of found.findings) await live.sql.unsafe(fix!.sql!)
  expect(await compare()).toEqual({ basis: 'history', applied: 2, findings: [] })

  const wrong = Object.assign(new URL(live.url), { password: 'no-such-secret' }).href
  const error: unknown = await compare(wrong).catch((thrown: unknown) => thrown)
  expect(error).toMatchObject({ kind: 'environment', code: 'database/unreachable' })
  expect(JSON.stringify(error) + String(error)).not.toContain('no-such-secret')
})
