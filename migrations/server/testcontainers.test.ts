import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { getContainerRuntimeClient } from 'testcontainers'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { migrationOf } from '../../fixtures/migration.ts'
import { committed, containerOf, dumped, type Judgement } from '../../fixtures/pg-dump.ts'
import { compareCatalogs, verdictOf } from '../catalog/compare.ts'
import { openDatabases, type Databases } from './databases.ts'
import type { FreshServer } from './server.ts'
import { dockerProblem, startTestcontainers } from './testcontainers.ts'

process.env['TESTCONTAINERS_RYUK_DISABLED'] ??= 'true'
const problem = await dockerProblem(process.env['DOCKER_HOST'] ?? null)
if (problem !== null) console.warn(`The container suite does not run: no Docker engine answers (${problem})`)

let server: FreshServer
let databases: Databases
beforeAll(async () => {
  if (problem !== null) return
  server = await startTestcontainers('postgres:18', 'tests', null)
  databases = await openDatabases(server)
}, 120_000)
afterAll(async () => {
  if (problem !== null) return
  await databases[Symbol.asyncDispose]()
  await server[Symbol.asyncDispose]()
})

const docker = async () => (await getContainerRuntimeClient()).container.dockerode
const containers = async (label: string): Promise<string[]> =>
  (await (await docker()).listContainers({ all: true, filters: { label: [label] } })).map(({ Id }) => Id)

describe.runIf(problem === null)('in a container', () => {
  test('a container is a real PostgreSQL 18 whose migrations run as a role that owns the database and is no superuser', async () => {
    await using database = await databases.create()
    const sql = database.connect()
    const [row] = await sql`
    select rolsuper, rolcreaterole, datdba = r.oid as owns, current_setting('server_version_num')::int / 10000 as major
    from pg_roles r, pg_database d where rolname = current_user and datname = current_database()`
    await sql.end()
    expect(row).toEqual({ rolsuper: false, rolcreaterole: true, owns: true, major: 18 })
    expect([server.provider, server.version.split('.')[0]]).toEqual(['testcontainers', '18'])
  })

  test('a container is gone within 5 s after its process was killed', { timeout: 600_000 }, async () => {
    const program = `
    const { startTestcontainers } = await import('${new URL('testcontainers.ts', import.meta.url).href}')
    const { adminUrl } = await startTestcontainers('postgres:18', 'tests', null)
    console.log(adminUrl)
    setInterval(() => {}, 1000)`
    const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    let ours: string
    try {
      const [adminUrl] = (await once(child.stdout, 'data')) as [Buffer]
      ours = await containerOf({ adminUrl: String(adminUrl).trim() })
    } finally {
      child.kill('SIGKILL')
    }
    await once(child, 'exit')
    const gone = async (): Promise<boolean> => !(await containers('landfall.run')).includes(ours)
    for (const end = Date.now() + 5000; Date.now() < end && !(await gone());) await sleep(100)
    expect(await gone()).toBe(true)
  })

  test('pg_dump agrees that broken down scripts are broken', { timeout: 600_000 }, async () => {
    const base = `create table a (id int primary key, n text default 'x', m int check (m > 0));
create index a_n on a (n) where m > 1;
create view v as select n from a;
create function f(int) returns int language sql immutable return $1 + 1;
create trigger t before update on a for each row execute function suppress_redundant_updates_trigger();
create type mood as enum ('sad', 'glad');
alter table a enable row level security;
create policy p on a using (m > 1);
comment on column a.n is 'said';`
    const broken: Record<string, [up: string, down: string]> = {
      'a default': ['alter table a alter n drop default;', 'select 1;'],
      'a partial index': ['drop index a_n;', 'create index a_n on a (n);'],
      'not null': ['alter table a alter m set not null;', 'select 1;'],
      'a check': ['alter table a drop constraint a_m_check;', 'alter table a add constraint a_m_check check (m >= 0);'],
      'a view': [
        'create or replace view v as select n, m from a;',
        'drop view v; create view v as select n || $$$$ as n from a;',
      ],
      'a function': ['drop function f(int);', 'create function f(int) returns int language sql stable return $1 + 1;'],
      'a trigger': ['alter table a disable trigger t;', 'select 1;'],
      'a label': ["alter type mood add value 'mad';", 'select 1;'],
      'a policy': ['drop policy p on a;', 'create policy p on a using (m > 2);'],
      'row security': ['alter table a disable row level security;', 'select 1;'],
      'a comment': ["comment on column a.n is 'other';", 'select 1;'],
      'a grant': ['grant select on a to public;', 'select 1;'],
      'a column order': [
        'alter table a drop column n cascade;',
        "alter table a add column n text default 'x'; comment on column a.n is 'said'; create index a_n on a (n) where m > 1; create view v as select n from a;",
      ],
    }
    const container = await containerOf(server)
    await using database = await databases.create()
    const catalog = await committed(database, 'public', [migrationOf('base', base, null).up])
    const dump = await dumped(server, container, database)
    const judgements: Judgement[] = []
    for (const [name, [up, down]] of Object.entries(broken)) {
      await using copy = await database.clone()
      const migration = migrationOf(name, up, down)
      const after = await committed(copy, 'public', [migration.up, migration.down!])
      judgements.push({
        migration: name,
        identical: verdictOf(compareCatalogs(catalog, after)) === 'none',
        dump: (await dumped(server, container, copy)) === dump,
      })
    }
    expect(judgements).toEqual(Object.keys(broken).map((migration) => ({ migration, identical: false, dump: false })))
  })
})
