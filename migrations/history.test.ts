import { expect, test } from 'vitest'
import { migrationOf } from '../fixtures/migration.ts'
import { checksumOf, statusOf, type HistoryRow } from './history.ts'
import type { Migration } from './migration.ts'

const at = new Date('2026-01-02T03:04:05Z')
const rowOf = ({ version, name, up, down }: Migration, rest: Partial<HistoryRow> = {}): HistoryRow => ({
  version,
  name,
  state: 'applied',
  upChecksum: checksumOf(up),
  downSql: down?.sql ?? null,
  appliedAt: at,
  ...rest,
})
const one = migrationOf('0001', 'select 1;', null)
const two = migrationOf('2', 'select 2;', null)
const ten = migrationOf('10', 'select 10;', null)

test('files against history: applied, changed, interrupted, missing and pending, in the order of versions', () => {
  const history = [
    rowOf(one, { version: '1' }),
    rowOf(two, { upChecksum: 'sha256:other' }),
    rowOf(migrationOf('3', 'select 3;', null)),
    rowOf(ten, { state: 'interrupted' }),
  ]
  const appliedAt = at.toISOString()
  expect(statusOf([one, two, ten, migrationOf('11', 'select 11;', null)], history)).toEqual([
    { version: '0001', name: 'test', state: 'applied', appliedAt },
    { version: '2', name: 'test', state: 'changed', appliedAt },
    { version: '3', name: 'test', state: 'missing', appliedAt },
    { version: '10', name: 'test', state: 'interrupted', appliedAt },
    { version: '11', name: 'test', state: 'pending', appliedAt: null },
  ])
})

test('a checksum is of the normalised text', () => {
  expect(checksumOf(one.up)).toBe('sha256:354b7196c9ba5fb4b21cf615bb6ec4cd5c07503c34229feef033fc081a8c03f4')
  expect(checksumOf(one.up)).not.toBe(checksumOf(two.up))
})
