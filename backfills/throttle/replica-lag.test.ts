import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { startReplica } from '../../fixtures/backfills/replica.ts'
import { openDatabases } from '../../migrations/server/databases.ts'
import { startEmbedded } from '../../migrations/server/embedded.ts'
import { connect } from '../database.ts'
import { defineBackfill } from '../define.ts'
import { runBackfill } from '../run.ts'
import { ndjson } from '../sources/ndjson.ts'
import { statusOf } from '../status.ts'
import { DEFAULT_THROTTLE } from './signals.ts'

const RECORDS = 20_000
const job = defineBackfill({
  name: 'app/items',
  from: ndjson('items.ndjson'),
  schema: z.object({ id: z.int() }),
  into: 'items',
})

test('a replica that stops replaying holds the run up until it has caught up; without the right to see it the run is slow', async () => {
  await using server = await startEmbedded('replica')
  await using databases = await openDatabases(server)
  await using replica = await startReplica(server.adminUrl)
  await using database = await databases.create()
  const root = await mkdtemp(join(tmpdir(), 'landfall-lag-'))
  try {
    await writeFile(join(root, 'items.ndjson'), Array.from({ length: RECORDS }, (_, id) => `{"id":${id}}\n`).join(''))
    const place = { url: database.url, schema: 'public', root, system: 'app', job }
    await using sql = connect(place)
    await using superuser = connect({ url: database.superuserUrl, schema: 'public' })
    await sql`create table items (id integer primary key)`
    const throttle = { ...DEFAULT_THROTTLE, 'replica-lag': 0.4, 'long-transaction': null }
    const batch = { rows: 50, bytes: 1e6, ms: 1e6 }

    const unseen = await runBackfill({ ...place, throttle })
    expect(unseen).toMatchObject({ error: null, run: { state: 'done', read: RECORDS } })
    expect(Object.keys(unseen.run.waits)).toEqual(['not-available'])

    const [role] = await sql<{ name: string }[]>`select current_user as name`
    await superuser`grant pg_read_all_stats to ${superuser(role!.name)}`
    await sql`truncate items`
    await replica.sql`select pg_wal_replay_pause()`
    const running = runBackfill({ ...place, batch, throttle, mode: 'again' })
    let held = (await statusOf(place))[0]!
    while (!held.reason?.startsWith('throttled')) {
      await sleep(50)
      held = (await statusOf(place))[0]!
      if (held.state !== 'running' && held.id !== unseen.run.id) throw new Error(`the run is ${held.state}`)
    }
    await sleep(1000)
    const [later] = await statusOf(place)
    expect(later!.read).toBe(held.read) // it stands still
    await replica.sql`select pg_wal_replay_resume()`
    const { run, error } = await running
    expect({ error, state: run.state, written: run.written }).toEqual({ error: null, state: 'done', written: RECORDS })
    expect(held.reason).toMatch(/^throttled: replica lag: [\d.]+ s, the limit is 0.4 s \(replica1\)$/)
    expect(run.waits['replica-lag']).toBeGreaterThan(900)
  } finally {
    await rm(root, { recursive: true, force: true })
  }
})
