import { expect, test } from 'vitest'
import { migrationOf } from '../../fixtures/migration.ts'
import type { Migration } from '../migration.ts'
import { stateKeys, type Replayed } from './keys.ts'

const migrations = ['1', '2', '3'].map((version) => migrationOf(version, `create table t${version} ();`, 'select 1;'))
const replayed: Replayed = { migrations, schema: 'app', prelude: null }

/** Which of the states after 0, 1, 2 and 3 migrations have another name than before. */
function renamed(other: Partial<Replayed>, server = 'one'): boolean[] {
  const before = stateKeys(replayed, 'one')
  return stateKeys({ ...replayed, ...other }, server).map((key, n) => key !== before[n])
}
const touched = (to: (migration: Migration) => Migration): Partial<Replayed> => ({
  migrations: migrations.map((migration, n) => (n === 1 ? to(migration) : migration)),
})

test('what a migration says in any of its parts makes it and all later ones new, and none before', () => {
  expect(renamed({})).toEqual([false, false, false, false])
  const touches: readonly ((migration: Migration) => Migration)[] = [
    (m) => ({ ...m, version: '02' }),
    (m) => ({ ...m, name: 'other' }),
    (m) => ({ ...m, irreversible: 'because' }),
    (m) => ({ ...m, up: { ...m.up, sql: `${m.up.sql} -- other` } }),
    (m) => ({ ...m, up: { ...m.up, transaction: false } }),
    (m) => ({ ...m, up: { ...m.up, file: 'other.up.sql' } }),
    (m) => ({ ...m, up: { ...m.up, firstLine: 2 } }),
    (m) => ({ ...m, down: { ...m.down!, sql: `${m.down!.sql} -- other` } }),
    (m) => ({ ...m, down: { ...m.down!, transaction: false } }),
    (m) => ({ ...m, down: null }),
  ]
  for (const touch of touches) expect(renamed(touched(touch))).toEqual([false, false, true, true])
})

test('another schema, prelude or server makes all of them new', () => {
  for (const all of [renamed({ schema: 'other' }), renamed({ prelude: 'select 1' }), renamed({}, 'two')])
    expect(all).toEqual([true, true, true, true])
})
