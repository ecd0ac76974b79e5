import { expect, test } from 'vitest'
import { readTexts } from '../../fixtures/migration-directory.ts'

test('the two sections are found in any case and order; a file without an up section is an up script as a whole', async () => {
  const read = await readTexts({
    '1700000000000_a.sql': '-- Up Migration\ncreate table a ();\n\n-- Down Migration\ndrop table a;',
    '1700000000001_b.sql': '--- DOWN MIGRATION ---\ndrop table b;\n--- UP MIGRATION ---\ncreate table b ();',
    '1700000000002_c.sql': 'create table c ();\n-- down migration\ndrop table c;',
    '1700000000003_d.sql': 'create table d ();',
  })
  const migration = (version: string, name: string, up: [string, number], down: [string, number] | null) => {
    const script = ([sql, firstLine]: [string, number]) => ({
      file: `m/${version}_${name}.sql`,
      sql,
      transaction: true,
      firstLine,
    })
    return { version, name, up: script(up), down: down && script(down), irreversible: null }
  }
  expect(read).toEqual({
    layout: 'node-pg-migrate',
    migrations: [
      migration('1700000000000', 'a', ['create table a ();\n', 2], ['drop table a;', 5]),
      migration('1700000000001', 'b', ['create table b ();', 4], ['drop table b;', 2]),
      migration('1700000000002', 'c', ['create table c ();', 1], ['drop table c;', 3]),
      migration('1700000000003', 'd', ['create table d ();', 1], null),
    ],
    problems: [
      {
        rule: 'files/up-without-down',
        file: 'm/1700000000003_d.sql',
        message: '1700000000003_d.sql has no down script',
      },
    ],
    others: [],
  })
})

test('migrations in JavaScript beside them are named as skipped', async () => {
  const { problems } = await readTexts({
    '1_a.sql': '-- Up Migration\nselect 1;\n-- Down Migration\nselect 1;',
    '2_b.js': '',
    '3_c.ts': '',
  })
  expect(problems.map(({ rule, file }) => [rule, file])).toEqual([
    ['files/skipped-file', 'm/2_b.js'],
    ['files/skipped-file', 'm/3_c.ts'],
  ])
})
