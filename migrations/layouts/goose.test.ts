import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'
import { statementsOf } from '../script.ts'

test('statements keep their lines, with and without StatementBegin and StatementEnd', async () => {
  const text = [
    '-- +goose Up',
    '-- +goose StatementBegin',
    'create function f() returns int as $$',
    'begin',
    '  return 1;',
    'end',
    '$$ language plpgsql',
    '-- +goose StatementEnd',
    'select 1;',
    '',
    '-- +goose Down',
    'drop function f();',
  ].join('\n')
  const { layout, migrations, problems } = await readTexts({ '00001_f.sql': text })
  const { up, down } = migrations[0]!
  const placed = async (script: typeof up) =>
    (await statementsOf(script)).map(({ sql, line }) => [line, sql.split('\n')[0]])
  expect([layout, await placed(up), await placed(down!), problems]).toEqual([
    'goose',
    [
      [3, 'create function f() returns int as $$'],
      [9, 'select 1'],
    ],
    [[12, 'drop function f()']],
    [],
  ])
})

test('NO TRANSACTION holds for the whole file, wherever it stands', async () => {
  const { migrations } = await readTexts({
    '1_a.sql': '-- +goose NO TRANSACTION\n-- +goose Up\nselect 1;\n-- +goose Down\nselect 1;',
    '2_b.sql': '-- +goose Up\nselect 1;\n-- +goose Down\n-- +goose no transaction\nselect 1;',
    '3_c.sql': '-- +goose Up\nselect 1;\n-- +goose Down\nselect 1;',
  })
  expect(migrations.map(({ up, down }) => [up.transaction, down?.transaction])).toEqual([
    [false, false],
    [false, false],
    [true, true],
  ])
})

test('a migration in Go is named as skipped; other Go code is no migration', async () => {
  const { migrations, problems, others } = await readTexts({
    '1_a.sql': '-- +goose Up\nselect 1;\n-- +goose Down\nselect 1;',
    '2_b.go': 'package migrations',
    'migrations.go': 'package migrations',
  })
  expect([migrations.map(({ version }) => version), problems, others]).toEqual([
    ['1'],
    [
      {
        rule: 'files/skipped-file',
        file: 'm/2_b.go',
        message: '2_b.go is a migration in Go: landfall runs SQL alone, and a later script may need what it makes',
      },
    ],
    [{ file: 'm/migrations.go', what: 'Go code beside the migrations' }],
  ])
})

test('variables are replaced between ENVSUB ON and OFF alone', async () => {
  const text = [
    '-- +goose Up',
    "select '${REGION}';",
    '-- +goose ENVSUB ON',
    "select '${REGION}', '$REGION', '${MISSING:-none}', '${EMPTY:-default}', '${EMPTY-kept}';",
    'do $$ begin perform 1; end $$;',
    'do $body$ begin perform 1; end $body$;',
    '-- +goose ENVSUB OFF',
    "select '$REGION';",
    '-- +goose Down',
    'select 1;',
  ].join('\n')
  const { migrations } = await readTexts({ '1_a.sql': text }, { variables: { REGION: 'eu', EMPTY: '' } })
  expect(migrations[0]!.up.sql.split('\n')).toEqual([
    "select '${REGION}';",
    '-- +goose ENVSUB ON',
    "select 'eu', 'eu', 'none', 'default', '';",
    'do $$ begin perform 1; end $$;',
    'do $body$ begin perform 1; end $body$;',
    '-- +goose ENVSUB OFF',
    "select '$REGION';",
  ])
})

test('a variable without a value is an error that names it and its line', async () => {
  const text = "-- +goose Up\n-- +goose ENVSUB ON\n-- for $ANYONE\nselect '${REGION}';\n-- +goose Down\nselect 1;"
  await expect(readTexts({ '1_a.sql': text })).rejects.toMatchObject({
    kind: 'usage',
    code: 'migrations/no-variable',
    message: 'm/1_a.sql:4: the variable REGION has no value, and ${REGION} no default',
    location: { file: 'm/1_a.sql', line: 4, column: 9 },
    next: "give it one in the config: migrations: { dir, variables: { REGION: '…' } }",
  })
})
