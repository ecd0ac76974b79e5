import postgres from 'postgres'
import { expect, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { migrationOf } from '../fixtures/migration.ts'
import { hasPgbouncer, pgbouncer } from '../fixtures/pgbouncer.ts'
import { refusePooler } from './pooler.ts'
import { migrateUp } from './runner.ts'

const ignored = 'extra_float_digits,search_path,lock_timeout,statement_timeout,idle_in_transaction_session_timeout'
const migrations = [migrationOf('1', 'create table t ();', 'drop table t;')]

// Where Debian's package pgbouncer is not installed these are skipped: .ci/run installs it.
test.skipIf(!hasPgbouncer).for([
  ['that refuses what a session sets', { pool_mode: 'transaction' }],
  ['that ignores what a session sets', { pool_mode: 'transaction', ignore_startup_parameters: ignored }],
])('a pooler %s is refused before anything runs', async ([, settings]) => {
  await using db = await freshDatabase()
  await using pooler = await pgbouncer(db.url, settings as Record<string, string>)
  const target = { url: pooler.url, system: 'app', schema: 'public', migrations, lockWaitMs: 0 }
  await expect(migrateUp(target)).rejects.toMatchObject({ kind: 'environment', code: 'database/pooled' })
  expect([...(await db.sql`select to_regclass('t') as t, to_regnamespace('landfall') as landfall`)]).toEqual([
    { t: null, landfall: null },
  ])
})

test.skipIf(!hasPgbouncer).for([
  ['transaction', true],
  ['session', false],
] as const)('a pool in %s mode is told by who shares a session, whatever it passes on', async ([mode, refused]) => {
  await using db = await freshDatabase()
  // The role has by itself what the runner asks for, so that the pooler's deafness does not show.
  const role = new URL(db.url).username
  await db.sql.unsafe(`alter role ${role} set lock_timeout = '5s'`)
  await db.sql.unsafe(`alter role ${role} set search_path = public`)
  await using pooler = await pgbouncer(db.url, { pool_mode: mode, ignore_startup_parameters: ignored })
  const sql = postgres(pooler.url, { max: 1, connection: { search_path: 'public', lock_timeout: '5000' } as never })
  const outcome = await refusePooler(sql, pooler.url).then(
    () => 'accepted',
    (error: unknown) => (error as { code: string }).code,
  )
  await sql.end()
  expect(outcome).toBe(refused ? 'database/pooled' : 'accepted')
})
