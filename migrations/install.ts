import { fileURLToPath } from 'node:url'
import type { Sql } from 'postgres'
import { LandfallError } from './error.ts'
import { failureOf, type ScriptFailure } from './execute.ts'
import { readHistory, recordOwn } from './history.ts'
import { readMigrations } from './layouts/read.ts'
import { versionKey, type Migration } from './migration.ts'
import { acquire } from './session.ts'
import { migrationsSettings } from './settings.ts'
import { transaction } from './transaction.ts'

/** landfall's own tables, by landfall's own migrations; does nothing when they are up to date. On one connection that is not renewed. */
export async function installLandfall(sql: Sql): Promise<void> {
  const migrations = await landfallMigrations()
  if ((await readHistory(sql, 'landfall')).length === migrations.length) return
  // Runners of different systems meet here, on one database.
  const busy = (): LandfallError =>
    new LandfallError('environment', 'migrations/locked', "another runner makes landfall's own tables", {
      next: 'wait for it, and run the command again',
    })
  await acquire(sql, 'landfall install', { lockWaitMs: 60_000 }, busy)
  try {
    await installMissing(sql, migrations)
  } finally {
    await sql`select pg_advisory_unlock(hashtextextended('landfall install', 0))`
  }
}

async function installMissing(sql: Sql, migrations: readonly Migration[]): Promise<void> {
  const done = new Set((await readHistory(sql, 'landfall')).map(({ version }) => versionKey(version)))
  for (const migration of migrations) {
    if (done.has(versionKey(migration.version))) continue
    const failure = await install(sql, migration)
    if (failure) {
      throw new LandfallError(
        'environment',
        'migrations/install-fails',
        `landfall's own tables cannot be made: ${failure.message}`,
        {
          next: 'give the user of the connection the right to create a schema in this database',
        },
      )
    }
  }
}

/** As one message: nobody asks for the place of a mistake in our own scripts, and a parser that is not woken costs nothing. */
const install = (sql: Sql, migration: Migration): Promise<ScriptFailure | null> =>
  transaction(sql, async () => {
    await sql.unsafe(migration.up.sql).simple()
    await recordOwn(sql, migration)
  }).then(() => null, failureOf)

export async function landfallMigrations(): Promise<readonly Migration[]> {
  const root = fileURLToPath(new URL('.', import.meta.url))
  return (await readMigrations(root, migrationsSettings.parse('landfall'))).migrations
}
