import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { tableFingerprint } from './fingerprint.ts'
import { job } from '../fixtures/backfills/killed-run.ts'
import { runBackfill } from './run.ts'
import { scenario, type Scenario } from '../fixtures/backfills/scenario.ts'
import { statusOf } from './status.ts'
import { verifyRun } from './verify.ts'

const DDL = `create table events (id integer primary key, body text not null); insert into events values (-1, 'before')`
const KILLS = 6
const SCRIPT = fileURLToPath(new URL('../fixtures/backfills/killed-run.ts', import.meta.url))
const fingerprint = (s: Scenario) => tableFingerprint(s.sql, { sql: 'events' })

/**
 * Lets a process work for some transactions and a random moment more, then kills it without warning; answers
 * whether it was done before.
 */
async function killed(s: Scenario, verb: 'run' | 'rollback', transactions: number): Promise<boolean> {
  const { url, schema, root, system } = s
  const child = spawn(process.execPath, [SCRIPT, verb, JSON.stringify({ url, schema, root, system })], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (text) => (errors += text))
  const exit = once(child, 'exit')
  let seen = 0
  for await (const dots of child.stdout) if ((seen += String(dots).length) >= transactions) break
  await sleep(Math.random() * 12)
  child.kill('SIGKILL')
  const [code] = await exit
  if (code !== null && code !== 0 && !errors.includes('backfills/already-running')) throw new Error(errors)
  return code === 0
}

/** The lock of a dead process frees itself as soon as the server notices. */
async function until<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1)
    try {
      return await work()
    } catch (error) {
      if ((error as { code?: string }).code !== 'backfills/already-running' || tries > 50) throw error
      await sleep(100)
    }
}

test(
  'a run that is killed again and again goes on exactly, and so does its rollback',
  { timeout: 600_000 },
  async () => {
    await using s = await scenario(DDL)
    const before = await fingerprint(s)
    const records = Array.from({ length: 20_000 }, (_, id) => ({ id, body: `event ${id}` }))
    await s.write('events.json', records)
    await s.sql`create table expected as select * from events`
    await s.sql`insert into expected select * from jsonb_to_recordset(${s.sql.json(records)}) as r(id integer, body text)`

    for (let n = 0; n < KILLS; n += 1) expect(await killed(s, 'run', 10)).toBe(false)
    const [halfway] = await statusOf(s)
    expect(halfway).toMatchObject({ state: 'running', rejected: 0 })
    expect(halfway!.written).toBeGreaterThanOrEqual(100)
    const { run, error } = await until(() => runBackfill(s.at(job)))
    expect(error).toBeNull()
    expect(run).toMatchObject({ id: halfway!.id, state: 'done', read: 20_000, written: 20_000 })
    expect(await fingerprint(s)).toBe(await tableFingerprint(s.sql, { sql: 'expected' }))
    expect(await verifyRun(s.at(job))).toMatchObject({ ok: true, compared: 20_000 })

    for (let n = 0; n < KILLS / 2; n += 1) expect(await killed(s, 'rollback', 1)).toBe(false)
    expect((await statusOf(s))[0]).toMatchObject({ state: 'rolling-back' })
    while (!(await killed(s, 'rollback', Number.POSITIVE_INFINITY))) await sleep(100)
    expect((await statusOf(s))[0]).toMatchObject({ state: 'rolled-back' })
    expect(await fingerprint(s)).toBe(before)
  },
)
