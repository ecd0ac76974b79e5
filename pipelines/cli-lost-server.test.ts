import { expect, test } from 'vitest'
import { configOf, sound, soundProject } from '../fixtures/project.ts'

const cut = 'pg_terminate_backend(pg_backend_pid())'

const own = (question: string): Record<string, string> => ({
  'landfall.config.ts': configOf({ migrations: 'sql', checks: ['own.check.ts'] }),
  'own.check.ts': `import { check } from 'landfall/checks'\ncheck('of the team', async ({ sql }) => {\n${question}\n})\n`,
})

/** What is under way when the server cuts the connection. */
const moments: Readonly<Record<string, { args: readonly string[]; files: Readonly<Record<string, string>> }>> = {
  'an up': {
    args: ['check', 'replay'],
    files: { 'sql/0002_b.up.sql': `create table b ();\nselect ${cut};`, 'sql/0002_b.down.sql': 'drop table b;' },
  },
  'an up on rows': {
    args: ['gate', '--all'],
    files: {
      'sql/0002_b.up.sql': `do $$ begin if exists (select from users) then perform ${cut}; end if; end $$;\nalter table users add b int;`,
      'sql/0002_b.down.sql': 'alter table users drop b;',
    },
  },
  'a backfill': {
    args: ['check', 'backfill'],
    files: {
      'landfall.config.ts': configOf({ migrations: 'sql', backfills: 'jobs/*.ts' }),
      'sql/0002_cut.up.sql': `create function cut() returns trigger language plpgsql as 'begin perform ${cut}; return new; end';\ncreate trigger cut before insert on users for each row execute function cut();`,
      'sql/0002_cut.down.sql': 'drop trigger cut on users; drop function cut;',
      'users.json': '[{ "id": "1", "name": "Ada" }]',
      'jobs/users.ts': `import { defineBackfill, jsonFile } from 'landfall'
import { z } from 'zod'
export default defineBackfill({
  name: 'app/users', from: jsonFile('users.json'), schema: z.object({ id: z.string(), name: z.string() }), into: 'users',
})\n`,
    },
  },
  'a transaction of a check of the team': {
    args: ['check', 'own'],
    files: own(`await sql.begin(async (tx) => { await tx\`select 1\`; await tx\`select ${cut}\` })`),
  },
}

test('a connection that the server cuts is trouble of the environment, whatever it was doing: 3, and a report', async () => {
  const outcomes = await Promise.all(
    Object.entries(moments).map(async ([moment, { args, files }]) => {
      await using project = await soundProject({ ...sound, ...files })
      const { code, stderr, report } = await project.reported(args)
      return {
        moment,
        code,
        exitCode: report.exitCode,
        said: /^error (the connection was lost|cannot reach the database)/m.test(stderr),
        crash: /Cannot read properties/.test(JSON.stringify(report) + stderr),
      }
    }),
  )
  expect(outcomes).toEqual(
    Object.keys(moments).map((moment) => ({ moment, code: 3, exitCode: 3, said: true, crash: false })),
  )
})
