import { historyOf } from './home.ts'
import { migrationLabel, type Migration, type Script } from './migration.ts'
import { doomedOf, pendingOf, type UpTo } from './runner.ts'
import { statementsOf } from './script.ts'
import { sqliteStatements } from './sqlite/statements.ts'
import { isSqlite } from './sqlite/url.ts'
import type { Target } from './target.ts'

/** A script that a run would run. */
export interface Step extends Pick<Migration, 'version' | 'name'> {
  readonly direction: 'up' | 'down'
  readonly script: Script
  readonly transaction: boolean
  readonly statements: number
}

/** What `up`, `down` or `redo` would run, in order; nothing is written. Throws what the run would refuse. */
export async function preview(
  target: Target,
  run: { readonly up: UpTo } | { readonly down: { count: number } | { to: string }; readonly again?: boolean },
): Promise<Step[]> {
  const history = await historyOf(target)
  const step = (direction: Step['direction'], migration: Pick<Migration, 'version' | 'name'>, script: Script) =>
    stepIn(target.url, direction, migration, script)
  if ('up' in run)
    return Promise.all(pendingOf(target, history, run.up).map((migration) => step('up', migration, migration.up)))
  const doomed = doomedOf(target, history, run.down)
  const again = run.again ? doomed.toReversed() : []
  return Promise.all([
    ...doomed.map(({ row, script }) => step('down', row, script)),
    ...again.flatMap(({ migration }) => (migration ? [step('up', migration, migration.up)] : [])),
  ])
}

async function stepIn(
  url: string,
  direction: Step['direction'],
  { version, name }: Pick<Migration, 'version' | 'name'>,
  script: Script,
): Promise<Step> {
  const statements = isSqlite(url) ? sqliteStatements(script) : await statementsOf(script)
  const transaction = script.transaction && statements.every(({ controlsTransaction }) => !controlsTransaction)
  return { version, name, direction, script, transaction, statements: statements.length }
}

/** A run as SQL that can be read, with a comment above each script. */
export const previewText = (system: string, steps: readonly Step[]): string =>
  steps
    .map((step) => {
      const how = step.transaction ? 'in one transaction' : 'statement by statement'
      return `-- ${system}: ${step.direction} ${migrationLabel(step)} (${step.script.file}, ${how}, ${step.statements} statements)\n${step.script.sql.trimEnd()}\n`
    })
    .join('\n')
