import { runsInTransaction } from './execute.ts'
import { readHistory } from './history.ts'
import { migrationLabel, type Migration, type Script } from './migration.ts'
import { doomedOf, pendingOf, type UpTo } from './runner.ts'
import { statementsOf } from './script.ts'
import { looking } from './session.ts'
import type { Target } from './target.ts'
import { transaction } from './transaction.ts'

/** A script that a run would run. */
export interface Step extends Pick<Migration, 'version' | 'name'> {
  readonly direction: 'up' | 'down'
  readonly script: Script
  readonly transaction: boolean
  readonly statements: number
}

/** What `up`, `down` or `redo` would run, in order, found out in a read-only transaction. Throws what the run would refuse. */
export async function preview(
  target: Target,
  run: { readonly up: UpTo } | { readonly down: { count: number } | { to: string }; readonly again?: boolean },
): Promise<Step[]> {
  let steps: Promise<Step>[] = []
  await looking(target.url, target.schema, (sql) =>
    transaction(
      sql,
      async () => {
        const history = await readHistory(sql, target.system)
        if ('up' in run)
          steps = pendingOf(target, history, run.up).map((migration) => step('up', migration, migration.up))
        else {
          const doomed = doomedOf(target, history, run.down)
          steps = doomed.map(({ row, script }) => step('down', row, script))
          if (run.again)
            for (const { migration } of doomed.toReversed())
              if (migration) steps.push(step('up', migration, migration.up))
        }
      },
      { mode: 'read only' },
    ),
  )
  return Promise.all(steps)
}

async function step(
  direction: Step['direction'],
  { version, name }: Pick<Migration, 'version' | 'name'>,
  script: Script,
): Promise<Step> {
  const statements = (await statementsOf(script)).length
  return { version, name, direction, script, transaction: await runsInTransaction(script), statements }
}

/** A run as SQL that can be read, with a comment above each script. */
export const previewText = (system: string, steps: readonly Step[]): string =>
  steps
    .map((step) => {
      const how = step.transaction ? 'in one transaction' : 'statement by statement'
      return `-- ${system}: ${step.direction} ${migrationLabel(step)} (${step.script.file}, ${how}, ${step.statements} statements)\n${step.script.sql.trimEnd()}\n`
    })
    .join('\n')
