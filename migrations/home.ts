import { applyDown, applyUp } from './apply.ts'
import type { ScriptFailure } from './execute.ts'
import { readForeignHistory, type ForeignHistory, type ForeignTool } from './foreign-history.ts'
import { readHistory, record, type HistoryRow } from './history.ts'
import { installLandfall } from './install.ts'
import type { Migration, Script } from './migration.ts'
import { locked, looking, type Session } from './session.ts'
import { isSqlite } from './sqlite/url.ts'
import type { Target } from './target.ts'
import { transaction } from './transaction.ts'

/** What migrations are applied to: a PostgreSQL database or a SQLite file, each with its history. */
export interface Home {
  /** Makes what a runner needs before it goes up: the history, and the schema. */
  readonly prepare: () => Promise<void>
  /** Of the target's system, oldest version first. */
  readonly history: () => Promise<HistoryRow[]>
  /** Applies one migration; its row commits with it. `row` is that of an interrupted one. */
  readonly applyUp: (migration: Migration, row: HistoryRow | null) => Promise<ScriptFailure | null>
  /** Reverts one migration; its row goes with it. */
  readonly applyDown: (row: HistoryRow, down: Script) => Promise<ScriptFailure | null>
  /** Writes down what is there already, all or none. */
  readonly record: (known: readonly Known[]) => Promise<void>
  readonly foreignHistory: (tool: ForeignTool) => Promise<ForeignHistory>
}

/** A migration that a database has already, and when it got it; null when nobody knows. */
export interface Known {
  readonly migration: Migration
  readonly appliedAt: Date | null
}

/** Works on a database as its one runner. */
export async function atHome<T>(target: Target, work: (home: Home) => Promise<T>): Promise<T> {
  if (!isSqlite(target.url)) return locked(target, (session) => work(inPostgres(session)))
  const { inSqlite } = await import('./sqlite/home.ts')
  return inSqlite(target, work)
}

/** The history of a system, without a lock; nothing is written. */
export async function historyOf({ url, system }: Pick<Target, 'url' | 'system'>): Promise<HistoryRow[]> {
  if (!isSqlite(url)) return looking(url, 'public', (sql) => readHistory(sql, system))
  const { lookInSqlite } = await import('./sqlite/home.ts')
  return lookInSqlite({ url, system })
}

function inPostgres(session: Session): Home {
  const { sql, target } = session
  return {
    async prepare() {
      await installLandfall(sql)
      if (target.schema !== 'public') await sql`create schema if not exists ${sql(target.schema)}`
    },
    history: () => readHistory(sql, target.system),
    applyUp: (migration, row) => applyUp(session, migration, row),
    applyDown: (row, down) => applyDown(session, row, down),
    async record(known) {
      await transaction(sql, async () => {
        for (const { migration, appliedAt } of known) {
          const at = appliedAt === null ? {} : { appliedAt }
          await record(sql, target.system, migration, { state: 'applied', durationMs: null, ...at })
        }
      })
    },
    foreignHistory: (tool) => readForeignHistory(sql, tool),
  }
}
