import { expect, test } from 'vitest'
import { configOf, soundProject } from '../fixtures/project.ts'

test('the check is for systems that ask for it, and stops what is PostgreSQL’s alone at its line', async () => {
  await using project = await soundProject({
    'landfall.config.ts': configOf({
      systems: { asks: { migrations: 'sql', portable: true }, 'does-not': { migrations: 'sql' } },
    }),
    'sql/0002_meta.up.sql': `alter table users add column meta jsonb;

create index users_named on users (name) where name <> '';

-- landfall-ignore portable/type-differs: the application reads 0 and 1
alter table users add column admin boolean not null default false;
`,
    'sql/0002_meta.down.sql':
      'alter table users drop column admin;\ndrop index users_named;\nalter table users drop column meta;\n',
  })
  const { code, report } = await project.reported(['check', 'portable'])
  expect(code).toBe(1)
  expect(report.checks.filter(({ check }) => check === 'portable').map(({ system, state }) => [system, state])).toEqual(
    [
      ['asks', 'fail'],
      ['does-not', 'skip'],
    ],
  )
  expect(report.findings.map(({ rule, location, message }) => [rule, location?.file, location?.line, message])).toEqual(
    [
      [
        'portable/vendor-type',
        'sql/0002_meta.up.sql',
        1,
        'jsonb (meta): SQLite has no JSON type; write text, with the JSON as text',
      ],
      [
        'portable/partial-index',
        'sql/0002_meta.up.sql',
        3,
        'users_named is partial: index all rows, with the column of the condition first',
      ],
      [
        'portable/differs',
        'sql/0001_create_users.up.sql',
        2,
        'column users.id: not null in PostgreSQL, null allowed in SQLite',
      ],
    ],
  )
})
