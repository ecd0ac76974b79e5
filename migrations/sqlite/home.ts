import type { DatabaseSync } from 'node:sqlite'
import { LandfallError } from '../error.ts'
import type { HistoryRow } from '../history.ts'
import type { Home } from '../home.ts'
import { versionKey, type Migration } from '../migration.ts'
import type { Target } from '../target.ts'
import { applyScript, inTransaction } from './apply.ts'
import { forget, installHistory, readSqliteHistory, recordApplied } from './history.ts'
import { isBusy, openSqlite } from './open.ts'
import { sqliteFile } from './url.ts'

/**
 * Works on a SQLite file. Every migration is a transaction with its row; who else writes is waited for as long as for
 * another runner, and what that one applied meanwhile is seen before anything runs.
 */
export async function inSqlite<T>(target: Target, work: (home: Home) => Promise<T>): Promise<T> {
  const file = sqliteFile(target.url)
  using database = openSqlite(file, { create: true, busyMs: target.lockWaitMs })
  try {
    for (;;) {
      try {
        return await work(homeIn(database, target))
      } catch (error) {
        if (!(error instanceof Overtaken)) throw error // it goes on from where both of them are
      }
    }
  } catch (error) {
    if (!isBusy(error)) throw error
    throw new LandfallError('environment', 'migrations/locked', `another program writes to ${file}`, {
      next: 'wait for it, or give more time with --lock-wait SECONDS',
      cause: error,
    })
  }
}

/** Reads the history of a file that must be there. */
export async function lookInSqlite({ url, system }: Pick<Target, 'url' | 'system'>): Promise<HistoryRow[]> {
  using database = openSqlite(sqliteFile(url), { readOnly: true })
  return readSqliteHistory(database, system)
}

function homeIn(database: DatabaseSync, { system }: Target): Home {
  const history = (): HistoryRow[] => readSqliteHistory(database, system)
  const rowOf = ({ version }: Pick<Migration, 'version'>): HistoryRow | undefined =>
    history().find((row) => versionKey(row.version) === versionKey(version))
  return {
    async prepare() {
      history() // whose it is, before anything is written
      inTransaction(database, () => installHistory(database))
    },
    history: async () => history(),
    async applyUp(migration, row) {
      return applyScript(database, migration.up, {
        before: () => {
          if (row === null && rowOf(migration)) throw new Overtaken()
        },
        after: () => recordApplied(database, system, migration, new Date()),
      })
    },
    async applyDown(row, down) {
      return applyScript(database, down, {
        before: () => {
          if (!rowOf(row)) throw new Overtaken()
        },
        after: () => forget(database, row.version),
      })
    },
    async record(known) {
      inTransaction(database, () => {
        for (const { migration, appliedAt } of known)
          recordApplied(database, system, migration, appliedAt ?? new Date())
      })
    },
    async foreignHistory(tool) {
      throw new LandfallError(
        'usage',
        'migrations/no-foreign-history',
        `landfall reads no history of ${tool} in SQLite`,
        {
          next: 'name the newest version that is there with --to VERSION',
        },
      )
    },
  }
}

/** Another runner was at this migration between the look at the history and the transaction. */
class Overtaken extends Error {}
