import { LandfallError } from './error.ts'
import type { ForeignHistory, ForeignTool } from './foreign-history.ts'
import { atHome, type Known } from './home.ts'
import { compareVersions, type Migration } from './migration.ts'
import type { Target } from './target.ts'

/** Which migrations a database has already: those up to a version, or those that another tool's history names. */
export type Baseline = { readonly to: string } | { readonly from: ForeignTool }

/** Records migrations as applied without running them, all or none; those that the history knows stay as they are. */
export const baseline = (target: Target, which: Baseline): Promise<readonly Migration[]> =>
  atHome(target, async (home) => {
    const there =
      'to' in which ? upTo(target, which.to) : imported(target, await home.foreignHistory(which.from), which.from)
    await home.prepare()
    const known = await home.history()
    const fresh = there.filter(
      ({ migration }) => !known.some(({ version }) => compareVersions(version, migration.version) === 0),
    )
    await home.record(fresh)
    return fresh.map(({ migration }) => migration)
  })

function upTo({ migrations, system }: Target, to: string): Known[] {
  if (!migrations.some(({ version }) => compareVersions(version, to) === 0)) throw noFile(system, to, 'is asked for')
  return migrations
    .filter(({ version }) => compareVersions(version, to) <= 0)
    .map((migration) => ({ migration, appliedAt: null }))
}

function imported({ migrations, system }: Target, history: ForeignHistory, tool: ForeignTool): Known[] {
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
