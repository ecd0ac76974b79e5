import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { job } from '../../fixtures/backfills/killed-run.ts'
import { scenario, type Scenario } from '../../fixtures/backfills/scenario.ts'
import { tableFingerprint } from '../fingerprint.ts'
import { rollbackRun } from '../rollback.ts'
import { statusOf } from '../status.ts'
import { verifyRun } from '../verify.ts'

const RECORDS = Number(process.env['WORKER_RECORDS'] ?? 4000)
const KILLS = Number(process.env['WORKER_KILLS'] ?? 3)
const SCRIPT = fileURLToPath(new URL('../../fixtures/backfills/killed-worker.ts', import.meta.url))

interface Worker {
  readonly child: ChildProcess
  readonly exit: Promise<[number | null]>
  readonly errors: () => string
}

function start({ url, schema, root, system }: Scenario, partitions: number): Worker {
  const child = spawn(process.execPath, [SCRIPT, String(partitions), JSON.stringify({ url, schema, root, system })], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (text) => (errors += text))
  return { child, exit: once(child, 'exit') as Promise<[number | null]>, errors: () => errors }
}

const fingerprint = (s: Scenario) => tableFingerprint(s.sql, { sql: 'events' })

test(
  'workers that are killed anywhere lose nothing and double nothing: others finish what they had',
  { timeout: 600_000 },
  async () => {
    await using s = await scenario(
      `create table events (id integer primary key, body text not null); insert into events values (-1, 'before')`,
    )
    const before = await fingerprint(s)
    const records = Array.from({ length: RECORDS }, (_, id) => ({ id, body: `event ${id}` }))
    await s.write('events.json', records)
    await s.sql`create table expected as select * from events`
    await s.sql`insert into expected select * from jsonb_to_recordset(${s.sql.json(records)}) as r(id integer, body text)`

    let workers = [start(s, 8)]
    await Promise.race([once(workers[0]!.child.stdout!, 'data'), workers[0]!.exit])
    workers.push(start(s, 0))
    for (let kills = 0; kills < KILLS; kills += 1) {
      const victim = workers[Math.floor(Math.random() * workers.length)]!
      await Promise.race([once(victim.child.stdout!, 'data'), victim.exit])
      await sleep(Math.random() * 30)
      victim.child.kill('SIGKILL')
      const [code] = await victim.exit
      // It may have come to the end of the run a moment before.
      expect({ code: code ?? 0, errors: victim.errors() }).toEqual({ code: 0, errors: '' })
      workers = [...workers.filter((worker) => worker !== victim), start(s, 0)]
    }
    const ends = await Promise.all(
      workers.map(async ({ exit, errors }) => ({ code: (await exit)[0], errors: errors() })),
    )
    expect(ends).toEqual(workers.map(() => ({ code: 0, errors: '' })))
    const [run] = await statusOf(s)
    expect(run).toMatchObject({ state: 'done', read: RECORDS, written: RECORDS, existing: 0, rejected: 0 })
    expect(await fingerprint(s)).toBe(await tableFingerprint(s.sql, { sql: 'expected' }))
    expect(await verifyRun(s.at(job))).toMatchObject({ ok: true, compared: RECORDS })
    await rollbackRun({ ...s, run: run!.id, laterWrites: 'refuse' })
    expect(await fingerprint(s)).toBe(before)
  },
)
