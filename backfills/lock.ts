import { setTimeout as sleep } from 'node:timers/promises'
import { LandfallError } from '../migrations/error.ts'
import type { CopyConnection } from './copy-connection.ts'

/**
 * The name of the advisory lock that batches of partitions share, and that whoever changes the state of their run waits
 * for: behind it no batch of the old state is under way.
 */
export const batchesLock = (id: string): string => `landfall batches ${id}`

/** The name of the advisory lock that a job is run under, as the text that is hashed. */
export const lockName = (system: string, name: string): string => `landfall backfill ${system} ${name}`

export const alreadyRunning = (name: string): LandfallError =>
  new LandfallError(
    'environment',
    'backfills/already-running',
    `backfill ${name} is already running in another process`,
    {
      next: `wait for it, or see landfall backfill status ${name}; the lock of a dead process frees itself within seconds`,
      fields: { name },
    },
  )

/** A run that was paused a moment ago still has its lock. */
const [TRIES, PAUSE_MS] = [5, 150]

/**
 * One process at a time works on a job; the lock lasts as long as the connection.
 * @throws {LandfallError} `environment`
 */
export async function obtainLock(connection: CopyConnection, system: string, name: string): Promise<void> {
  for (let tries = 0; tries < TRIES; tries += 1) {
    if (tries > 0) await sleep(PAUSE_MS)
    const [lock] = await connection.query('select pg_try_advisory_lock(hashtextextended($1, 0)) as ok', [
      lockName(system, name),
    ])
    if (lock?.['ok'] === 't') return
  }
  throw alreadyRunning(name)
}
