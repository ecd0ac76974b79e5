import type { Sql } from 'postgres'
import { LandfallError } from './error.ts'
import { readForeignHistory, type ForeignHistory, type ForeignTool } from './foreign-history.ts'
import { readHistory, record } from './history.ts'
import { compareVersions, type Migration } from './migration.ts'
import { installLandfall } from './runner.ts'
import { locked } from './session.ts'
import type { Target } from './target.ts'
import { transaction } from './transaction.ts'

/** Which migrations a database has already: those up to a version, or those that another tool's history names. */
export type Baseline = { readonly to: string } | { readonly from: ForeignTool }

/** Records migrations as applied without running them, all or none; those that the history knows stay as they are. */
export const baseline = (target: Target, which: Baseline): Promise<readonly Migration[]> =>
  locked(target, async ({ sql }) => {
    const there = 'to' in which ? upTo(target, which.to) : await imported(target, sql, which.from)
    await installLandfall(sql)
    const known = await readHistory(sql, target.system)
    const fresh = there.filter(
      ({ migration }) => !known.some(({ version }) => compareVersions(version, migration.version) === 0),
    )
    await transaction(sql, async () => {
      for (const { migration, appliedAt } of fresh) {
        const at = appliedAt === null ? {} : { appliedAt }
        await record(sql, target.system, migration, { state: 'applied', durationMs: null, ...at })
      }
    })
    return fresh.map(({ migration }) => migration)
  })

interface There {
  readonly migration: Migration
  readonly appliedAt: Date | null
}

function upTo({ migrations, system }: Target, to: string): There[] {
  if (!migrations.some(({ version }) => compareVersions(version, to) === 0)) throw noFile(system, to, 'is asked for')
  return migrations
    .filter(({ version }) => compareVersions(version, to) <= 0)
    .map((migration) => ({ migration, appliedAt: null }))
}

async function imported({ migrations, system }: Target, sql: Sql, tool: ForeignTool): Promise<There[]> {
  const history: ForeignHistory = await readForeignHistory(sql, tool)
  const has = (version: string): boolean =>
    migrations.some((migration) => compareVersions(migration.version, version) === 0)
  const said = history.upTo === null ? history.applied : [...history.applied, { version: history.upTo }]
  for (const { version } of said) {
    const covered = history.upTo !== null && compareVersions(version, history.upTo) <= 0 && version !== history.upTo
    // A baseline of Flyway's is a name for what was there before, and has no file.
    if (!has(version) && !covered && !(tool === 'flyway' && version === history.upTo))
      throw noFile(system, version, `is applied in the history of ${tool}`)
  }
  return migrations.flatMap((migration) => {
    const row = history.applied.find(({ version }) => compareVersions(version, migration.version) === 0)
    if (row) return [{ migration, appliedAt: row.appliedAt }]
    const before = history.upTo !== null && compareVersions(migration.version, history.upTo) <= 0
    return before ? [{ migration, appliedAt: null }] : []
  })
}

const noFile = (system: string, version: string, why: string): LandfallError =>
  new LandfallError(
    'usage',
    'migrations/unknown-version',
    `${system} has no migration of version ${version}, which ${why}`,
    {
      next: 'put the file back, or name the right directory under migrations in the config',
    },
  )
