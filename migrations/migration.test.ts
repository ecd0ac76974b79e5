import fc from 'fast-check'
import { expect, test } from 'vitest'
import { compareMigrations, compareVersions, migrationLabel, versionKey } from './migration.ts'

test('versions are ordered as numbers of any length, part by part, and repeatables come last', () => {
  const ordered = [
    '0000',
    '1',
    '1.0001',
    '1.9',
    '1.10',
    '2',
    '0010',
    '20240101000000',
    '20240101000001000000',
    'R__a',
    'R__b',
  ]
  expect(ordered.toReversed().toSorted(compareVersions)).toEqual(ordered)
})

const version = fc.oneof(
  fc.stringMatching(/^\d{1,20}$/),
  fc.stringMatching(/^\d{1,3}(\.\d{1,3}){1,3}$/),
  fc.stringMatching(/^R__[a-z]{1,3}$/),
)

test('two versions have one key exactly when neither comes first', () => {
  fc.assert(
    fc.property(version, version, (a, b) => {
      expect(versionKey(a) === versionKey(b)).toBe(compareVersions(a, b) === 0)
      expect(Math.sign(compareVersions(a, b))).toBe(-Math.sign(compareVersions(b, a)) + 0)
      expect(versionKey(versionKey(a))).toBe(versionKey(a))
    }),
  )
})

test('a version that is taken twice runs in the order of the names', () => {
  const [a, b] = [
    { version: '01', name: 'b' },
    { version: '1', name: 'a' },
  ]
  expect([a, b].toSorted(compareMigrations)).toEqual([b, a])
})

test('a migration is spoken of by version and name, a repeatable one by its name', () => {
  const repeatable = { version: 'R__view', name: 'view' }
  expect([migrationLabel({ version: '0001', name: 'tasks' }), migrationLabel(repeatable)]).toEqual([
    '0001_tasks',
    'R__view',
  ])
})
