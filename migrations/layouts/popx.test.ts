import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'

const script = (file: string, sql: string, transaction = true) => ({
  file: `m/${file}`,
  sql,
  transaction,
  firstLine: 1,
})

test('PostgreSQL’s own file wins over the generic one, in each direction, and other dialects are accounted for', async () => {
  const read = await readTexts({
    '20240101000001000000_client.up.sql': 'generic up;',
    '20240101000001000000_client.down.sql': 'drop table client;',
    '20240101000001000000_client.postgres.up.sql': 'create table client ();',
    '20240101000001000000_client.mysql.up.sql': 'create table `client`;',
    '20240101000001000000_client.cockroach.down.sql': 'drop table client;',
    '20240101000002000000_other.mysql.up.sql': 'select 1;',
    '20240101000002000000_other.sqlite3.up.sql': 'select 1;',
  })
  expect(read).toEqual({
    layout: 'popx',
    migrations: [
      {
        version: '20240101000001000000',
        name: 'client',
        up: script('20240101000001000000_client.postgres.up.sql', 'create table client ();'),
        down: script('20240101000001000000_client.down.sql', 'drop table client;'),
        irreversible: null,
      },
    ],
    problems: [
      {
        rule: 'files/other-dialect',
        file: 'm/20240101000001000000_client.cockroach.down.sql',
        message: '20240101000001000000_client.cockroach.down.sql is for cockroach: not run on PostgreSQL',
      },
      {
        rule: 'files/other-dialect',
        file: 'm/20240101000001000000_client.mysql.up.sql',
        message: '20240101000001000000_client.mysql.up.sql and 1 more are for mysql: not run on PostgreSQL',
      },
      {
        rule: 'files/other-dialect',
        file: 'm/20240101000002000000_other.sqlite3.up.sql',
        message: '20240101000002000000_other.sqlite3.up.sql is for sqlite3: not run on PostgreSQL',
      },
    ],
    others: [
      { file: 'm/20240101000001000000_client.cockroach.down.sql', what: 'for cockroach, not for PostgreSQL' },
      { file: 'm/20240101000001000000_client.mysql.up.sql', what: 'for mysql, not for PostgreSQL' },
      {
        file: 'm/20240101000001000000_client.up.sql',
        what: 'the file of every dialect, where PostgreSQL has its own',
      },
      { file: 'm/20240101000002000000_other.mysql.up.sql', what: 'for mysql, not for PostgreSQL' },
      { file: 'm/20240101000002000000_other.sqlite3.up.sql', what: 'for sqlite3, not for PostgreSQL' },
    ],
  })
})

test('an autocommit file runs outside a transaction', async () => {
  const { layout, migrations } = await readTexts({
    '1_a.autocommit.up.sql': 'create index concurrently a on b (c);',
    '1_a.down.sql': 'drop index a;',
    '2_b.postgres.autocommit.up.sql': 'create index concurrently d on b (c);',
    '2_b.postgres.down.sql': 'drop index d;',
  })
  expect([layout, migrations.map(({ name, up, down }) => [name, up.transaction, down?.transaction])]).toEqual([
    'popx',
    [
      ['a', false, true],
      ['b', false, true],
    ],
  ])
})

test('a script without a statement is meant where another dialect has one, and a mistake where none has', async () => {
  const { problems } = await readTexts({
    '1_a.up.sql': '-- blank',
    '1_a.mysql.up.sql': 'select 1;',
    '2_b.up.sql': '-- blank',
  })
  expect(problems.filter(({ rule }) => rule !== 'files/other-dialect')).toEqual([
    { rule: 'files/empty-up', file: 'm/2_b.up.sql', message: '2_b.up.sql holds no statement' },
  ])
})
