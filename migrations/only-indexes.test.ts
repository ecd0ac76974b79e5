import { expect, test } from 'vitest'
import { scriptOf } from '../fixtures/migration.ts'
import { onlyIndexes } from './only-indexes.ts'

test.each([
  ['create index concurrently a_b on a (b);', true],
  ['-- two\ncreate unique index concurrently a_b on a (b); drop index concurrently if exists a_c;', true],
  ['', false],
  ['-- nothing', false],
  ['set lock_timeout = 1; create index concurrently a_b on a (b);', false],
  ['drop table a;', false],
  ['create index concurrently a_b on a (b); analyze a;', false],
  ['craete index a_b on a (b);', false],
])('%s → %s', async (sql, expected) => {
  expect(await onlyIndexes(scriptOf('up.sql', sql))).toBe(expected)
})
