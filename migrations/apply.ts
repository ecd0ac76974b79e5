import { setTimeout as sleep } from 'node:timers/promises'
import { executeTogether, failureOf, runsInTransaction, type ScriptFailure } from './execute.ts'
import { record, recordReverted, type HistoryRow, type Progress } from './history.ts'
import { migrationLabel, type Migration, type Script } from './migration.ts'
import type { Session } from './session.ts'
import { mayLeaveSession } from './session-state.ts'
import { runStepwise } from './stepwise.ts'
import { transaction } from './transaction.ts'

/** Applies one migration; its row commits with it. `row` is that of an interrupted one. */
export async function applyUp(
  session: Session,
  migration: Migration,
  row: HistoryRow | null,
): Promise<ScriptFailure | null> {
  const { sql, target } = session
  const { up } = migration
  const done = (durationMs: number | 'of transaction'): Promise<void> =>
    record(sql, target.system, migration, { state: 'applied', durationMs })
  if (await runsInTransaction(up)) return inTransaction(session, migration, up, () => done('of transaction'))
  const start = performance.now()
  return outcome(session, async () => {
    const progress = row?.state === 'interrupted' && row.progress.direction === 'up' ? row.progress : START_UP
    await session.assertLocked()
    await record(sql, target.system, migration, { state: 'interrupted', durationMs: null, progress })
    await runStepwise(session, migration, up, progress)
    await done(performance.now() - start)
    await session.reset()
  })
}

/** Reverts one migration by `down`; its row goes with it. */
export async function applyDown(session: Session, row: HistoryRow, down: Script): Promise<ScriptFailure | null> {
  const reverted = (): Promise<void> => recordReverted(session.sql, session.target.system, row.version)
  if (await runsInTransaction(down)) return inTransaction(session, row, down, reverted)
  return outcome(session, async () => {
    const progress = row.state === 'interrupted' && row.progress.direction === 'down' ? row.progress : START_DOWN
    await runStepwise(session, row, down, progress)
    await reverted()
    await session.reset()
  })
}

const START_UP: Progress = { direction: 'up', done: 0, checksum: null, begun: null }
const START_DOWN: Progress = { direction: 'down', done: 0, checksum: null, begun: null }

// Lock not available, deadlock, serialization: those who met once may miss each other the next time.
const PASSING = new Set(['55P03', '40P01', '40001'])

/** A script and what is written down of it, in one transaction; tried again when it only met somebody. */
async function inTransaction(
  session: Session,
  migration: Pick<Migration, 'version' | 'name'>,
  script: Script,
  write: () => Promise<void>,
): Promise<ScriptFailure | null> {
  const { sql, target, limits } = session
  const after = (await mayLeaveSession(script)) ? session.reset : async (): Promise<void> => {}
  for (let attempt = 1; ; attempt++) {
    const failure = await outcome(session, () =>
      transaction(
        sql,
        // Whether the lock is still there is asked along the way: what a runner without it did is rolled back.
        () =>
          executeTogether(sql, script, async () => {
            const [held, written] = [session.assertLocked(), write()]
            written.catch(() => {}) // without the lock, whatever else went wrong is no news
            await held
            await written
          }),
        { after },
      ),
    )
    if (failure === null || !PASSING.has(failure.sqlstate ?? '') || attempt > limits.retries) return failure
    const waitMs = pauseMs(attempt)
    target.onNotice?.(
      `${migrationLabel(migration)}: ${failure.message}; rolled back, tried again in ${(waitMs / 1000).toFixed(1)} s (${attempt} of ${limits.retries})`,
    )
    await sleep(waitMs, undefined, target.signal ? { signal: target.signal } : {}).catch(() => {})
    target.signal?.throwIfAborted()
  }
}

/** Half a second, doubled each time up to half a minute, and at random up to as much again: two that met do not meet in step. */
const pauseMs = (attempt: number): number => Math.min(30_000, 250 * 2 ** attempt) * (1 + Math.random())

async function outcome(session: Session, work: () => Promise<unknown>): Promise<ScriptFailure | null> {
  try {
    await work()
    return null
  } catch (error) {
    const failure = failureOf(error)
    await session.reset().catch(() => {})
    return failure
  }
}
