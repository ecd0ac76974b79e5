import { expect, test } from 'vitest'
import { migrationOf } from '../fixtures/migration.ts'
import { soundProject } from '../fixtures/project.ts'
import { covers, ignoresOf } from './ignores.ts'
import { rules } from './rules.ts'

const up = `-- landfall-ignore files/up-without-down: written once
-- squawk-ignore prefer-text-field, ban-concurrent-index-creation-in-transaction
create table a (n int);
create function f() returns void language sql as $$
-- landfall-ignore replay/fails: text of a function
select 1 $$;

/* landfall-ignore replay/fails, team/names: the name is taken: see above */
-- nothing to see here
alter table a
  add b int,
  add c int;
create table d ();
-- landfall-ignore replay/fails
-- landfall-ignore replay/fial: misspelt
create table e ();
`

test('an ignore holds for the lines of the statement below it, and above the first one for the head of the file', async () => {
  const ignores = await ignoresOf([migrationOf('1', up, null)])
  expect(
    ignores.map(({ tool, rules: names, from, to, problem }) => [tool, names, from, to, problem?.rule ?? null]),
  ).toEqual([
    ['landfall', ['files/up-without-down'], 1, 3, null],
    ['squawk', ['lint/prefer-text-field', 'lint/concurrently-in-transaction'], 1, 3, null],
    ['landfall', ['replay/fails', 'team/names'], 8, 12, null],
    ['landfall', ['replay/fails'], 14, 16, 'lint/ignore-without-reason'],
    ['landfall', ['replay/fial'], 15, 16, 'lint/unused-ignore'],
  ])
})

test.for(Object.keys(rules))('%s is ignored at either end of a finding, and nowhere else', async (rule) => {
  const script = `create table a ();\n-- landfall-ignore ${rule}: because\ncreate table b ();\ncreate table c ();\n`
  const [ignore] = await ignoresOf([migrationOf('1', script, null)])
  const at = (line: number, file = '1_test.up.sql') => ({ file, line, column: null })
  const finding = { rule, location: at(3) }
  expect([
    covers(ignore!, finding),
    covers(ignore!, { rule, location: at(1, 'domain.ts'), other: at(3) }),
    covers(ignore!, { rule, location: at(4) }),
    covers(ignore!, { rule, location: at(3, '1_test.down.sql') }),
    covers(ignore!, { ...finding, rule: 'team/other' }),
  ]).toEqual([true, true, false, false, false])
})

test('the gate leaves out what is ignored with a reason, and says what ignores nothing', async () => {
  await using project = await soundProject({
    'sql/0002_age.up.sql': `-- landfall-ignore replay/needs-empty-tables: the table is empty until the next release
alter table users add age int not null;
-- landfall-ignore reversible/loses-data: nobody reads it
-- landfall-ignore replay/fails: it did once
alter table users add size int;`,
    'sql/0002_age.down.sql': `alter table users drop age;
-- landfall-ignore reversible/down-not-inverse: the column stays
alter table users alter size drop default;`,
    'sql/0003_only_up.up.sql': '-- landfall-ignore files/up-without-down: of the first days\ncreate table e ();',
    'sql/0004_index.up.sql': `-- squawk-ignore ban-concurrent-index-creation-in-transaction
create index concurrently users_name on users (name);`,
    'sql/0004_index.down.sql': '-- landfall-ignore lint/unused-ignore\ndrop index users_name;',
  })
  const { code, report } = await project.reported(['gate', '--all'])
  expect({
    code,
    findings: report.findings.map(({ rule, location }) => `${rule} ${location?.file}:${location?.line}`).toSorted(),
    failed: report.checks.filter(({ state }) => state === 'fail').map(({ check }) => check),
  }).toEqual({
    code: 1,
    findings: [
      'lint/ignore-without-reason sql/0004_index.down.sql:1',
      'lint/unused-ignore sql/0002_age.up.sql:3',
      'lint/unused-ignore sql/0002_age.up.sql:4',
    ],
    failed: ['ignores'],
  })
})
