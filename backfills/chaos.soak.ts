import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { job } from '../fixtures/backfills/killed-run.ts'
import { connect as connectTo, openDatabases } from '../migrations/server/databases.ts'
import { startEmbedded } from '../migrations/server/embedded.ts'
import { connect, type Place } from './database.ts'
import { tableFingerprint } from './fingerprint.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill, type JobPlace } from './run.ts'
import { statusOf } from './status.ts'
import { verifyRun } from './verify.ts'

const ROUNDS = 20
const [KILLS_OF_RUN, KILLS_OF_ROLLBACK] = [7, 3]
const RECORDS = 20_000
const SCRIPT = fileURLToPath(new URL('../fixtures/backfills/killed-run.ts', import.meta.url))

type Verb = 'run' | 'rollback'

function start(verb: Verb, { url, schema, root, system }: JobPlace) {
  const child = spawn(process.execPath, [SCRIPT, verb, JSON.stringify({ url, schema, root, system })], {
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  return { child, exit: once(child, 'exit') as Promise<[number | null]> }
}

/** Kills a process at a random moment, mostly while it works; answers whether it was still there. */
async function killOnce(verb: Verb, place: JobPlace): Promise<boolean> {
  const { child, exit } = start(verb, place)
  if (Math.random() < 0.85) await Promise.race([once(child.stdout, 'data'), exit])
  await sleep(Math.random() * (verb === 'run' ? 150 : 60))
  child.kill('SIGKILL')
  return (await exit)[0] === null
}

/** What can only be done when the server is there, and nobody else at it. */
async function until<T>(work: () => Promise<T>): Promise<T> {
  for (let tries = 0; ; tries += 1)
    try {
      return await work()
    } catch (error) {
      if (tries > 150) throw error
      await sleep(100)
    }
}

const fingerprint = async (place: Place): Promise<string> => {
  await using sql = connect(place)
  return await tableFingerprint(sql, { sql: 'events' })
}

test(`${ROUNDS * (KILLS_OF_RUN + KILLS_OF_ROLLBACK)} kills of the client and ${ROUNDS} crashes of the server, and every state is exact`, async () => {
  await using server = await startEmbedded('chaos')
  await using databases = await openDatabases(server)
  const root = await mkdtemp(join(tmpdir(), 'landfall-chaos-'))
  const records = Array.from({ length: RECORDS }, (_, id) => ({ id, body: `event ${id}` }))
  await writeFile(join(root, 'events.json'), JSON.stringify(records))
  let [kills, crashes] = [0, 0]

  /** A backend that dies by SIGKILL takes the cluster with it: it comes back by crash recovery. */
  const crash = async (verb: Verb, place: JobPlace): Promise<void> => {
    const { child, exit } = start(verb, place)
    await Promise.race([once(child.stdout, 'data'), exit])
    const admin = connectTo(server.adminUrl)
    const [backend] = await admin<{ pid: number }[]>`
      select pid from pg_stat_activity where application_name like 'landfall backfill%' and pid <> pg_backend_pid() order by random() limit 1`
    process.kill(backend?.pid ?? (await admin<{ pid: number }[]>`select pg_backend_pid() as pid`)[0]!.pid, 'SIGKILL')
    crashes += 1
    await exit
    await admin.end({ timeout: 1 })
  }

  try {
    for (let round = 0; round < ROUNDS; round += 1) {
      await using database = await until(() => databases.create())
      const place: JobPlace = { url: database.url, schema: 'public', root, system: 'app', job }
      const sql = connect(place)
      await sql`create table events (id integer primary key, body text not null)`
      await sql`insert into events values (-1, 'before')`
      const before = await fingerprint(place)
      await sql`insert into events select * from jsonb_to_recordset(${sql.json(records)}) as r(id integer, body text)`
      const expected = await fingerprint(place)
      await sql`delete from events where id >= 0`
      await sql.end()

      while (kills < round * (KILLS_OF_RUN + KILLS_OF_ROLLBACK) + KILLS_OF_RUN)
        if (await killOnce('run', place)) kills += 1
      if (round % 2 === 0) await crash('run', place)
      const { run, error } = await until(() => runBackfill(place))
      expect({ error, state: run.state, read: run.read, written: run.written }).toEqual({
        error: null,
        state: 'done',
        read: RECORDS,
        written: RECORDS,
      })
      expect(await fingerprint(place)).toBe(expected)
      expect(await verifyRun({ ...place, full: round % 4 === 0 })).toMatchObject({ ok: true, compared: RECORDS })

      for (let n = 0; n < KILLS_OF_ROLLBACK; n += 1) if (await killOnce('rollback', place)) kills += 1
      if (round % 2 === 1) await crash('rollback', place)
      if ((await until(() => statusOf(place)))[0]!.state !== 'rolled-back')
        await until(() => rollbackRun({ ...place, run: run.id, laterWrites: 'refuse' }))
      expect((await statusOf(place))[0]).toMatchObject({ state: 'rolled-back' })
      expect(await fingerprint(place)).toBe(before)
    }
    expect({ kills: kills >= ROUNDS * KILLS_OF_RUN, crashes }).toEqual({ kills: true, crashes: ROUNDS })
    console.log(`${kills} kills, ${crashes} crashes`)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
