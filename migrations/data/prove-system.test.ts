import { expect, test } from 'vitest'
import { testDatabases } from '../../fixtures/database.ts'
import { migrationOf } from '../../fixtures/migration.ts'
import { readMigrations } from '../layouts/read.ts'
import type { Migration } from '../migration.ts'
import { proveSystem } from '../prove.ts'
import { migrationsSettings } from '../settings.ts'
import type { FixtureRows } from './generate.ts'
import type { DataProof } from './prove-data.ts'
import { proveSystemData } from './prove-system.ts'

/** The migrations, each proven with rows. */
async function prove(
  migrations: readonly Migration[],
  schema = 'public',
  fixtures: FixtureRows | null = null,
): Promise<DataProof[]> {
  await using databases = await testDatabases()
  const wants = (): boolean => true
  const proof = await proveSystem({ databases, migrations, schema, prelude: null, root: '.', wantsData: wants })
  return await proveSystemData({ proof, schema, wants, fixtures })
}

/** What is said of the last of some migrations, given as up and down. */
async function last(...scripts: readonly (readonly [up: string, down: string | null])[]): Promise<unknown> {
  const proofs = await prove(scripts.map(([up, down], index) => migrationOf(String(index + 1), up, down)))
  return summary(proofs.at(-1)!)
}

const summary = ({ preserved, losses, upFailure, failsOnAnyRow, downFailure, unfilled }: DataProof) => ({
  preserved,
  losses: losses.map(
    ({ table, column, rows, example }) => `${table}${column === null ? '' : `.${column}`} ${rows}: ${example}`,
  ),
  up: upFailure === null ? null : `${upFailure.location.line}: ${upFailure.message}`,
  failsOnAnyRow,
  down: downFailure === null ? null : `${downFailure.location.line}: ${downFailure.message}`,
  unfilled: unfilled.map(({ table, reason }) => `${table}: ${reason}`),
})
const kept = { preserved: true, losses: [], up: null, failsOnAnyRow: false, down: null, unfilled: [] }

const USERS = [
  'create table users (id int primary key, name text not null, mail text, amount numeric(12,4), at timestamptz)',
  'drop table users',
] as const

test('a column that comes back without its data is a loss', async () => {
  expect(await last(USERS, ['alter table users drop column mail', 'alter table users add column mail text'])).toEqual(
    {},
  )
})
test('own', async () => {
  for (const system of ['design-log', 'workspace']) {
    const { migrations } = await readMigrations('.', migrationsSettings.parse(`migrations/sql/${system}`))
    const proofs = await prove(migrations, system.replace('-', '_'))
    console.log(
      proofs.map((p) => [p.migration.version, p.durationMs.toFixed(), JSON.stringify(summary(p))].join(' ')).join('\n'),
    )
  }
})
