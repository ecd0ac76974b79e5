import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineBackfill, type ConflictPolicy } from './define.ts'
import { tableFingerprint } from './fingerprint.ts'
import { planBackfill } from './plan.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill } from './run.ts'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { store } from './sources/store.ts'
import { verifyRun } from './verify.ts'

test('partitions, identity, generated columns, sequences and deferred keys are carried over, verified and undone', async () => {
  await using s = await scenario(`
    create table teams (id bigint generated always as identity primary key, name text, upper text generated always as (upper(name)) stored,
      lead bigint, took interval);
    create table events (id serial, at date, team bigint references teams, primary key (id, at)) partition by range (at);
    create table events_2023 partition of events for values from ('2023-01-01') to ('2024-01-01');
    create table events_2024 partition of events for values from ('2024-01-01') to ('2025-01-01');
    alter table teams add foreign key (lead) references teams deferrable initially deferred;
    insert into teams (name) values ('old'); insert into events (at, team) values ('2023-05-05', 1)`)
  const records = Array.from({ length: 40 }, (_, n) => ({
    id: n + 100,
    name: `team ${n}`,
    lead: 139 - n,
    at: `202${3 + (n % 2)}-01-0${1 + (n % 9)}`,
  }))
  const job = (onConflict: ConflictPolicy) =>
    defineBackfill({
      name: 'app/teams',
      from: store('teams', () => records),
      schema: z.object({ id: z.number(), name: z.string(), lead: z.number(), at: z.string() }),
      into: {
        teams: ({ id, name, lead }) => ({ id, name, lead, took: '1 day 02:03:04' }),
        events: ({ id, at }) => [
          { id, at, team: id },
          { id: id + 1000, at, team: id },
        ],
      },
      onConflict,
    })
  const state = async () => [
    await tableFingerprint(s.sql, { sql: 'teams' }),
    await tableFingerprint(s.sql, { sql: 'events' }),
  ]
  const before = await state()
  expect((await planBackfill(s.at(job('fail')))).notes).toEqual([
    'the database computes upper of teams: they are not compared with the source',
    'only the server knows the bytes of took (interval) of teams: batches that write them go as text, and verify compares their records one by one',
    'the sequence shop.teams_id_seq of teams.id is moved behind the greatest value, and a rollback does not move it back',
    'events has partitions or children: rows are looked up by their keys, which is slower',
    'the sequence shop.events_id_seq of events.id is moved behind the greatest value, and a rollback does not move it back',
  ])
  for (const onConflict of ['fail', 'skip', 'update'] as const) {
    const { run, error } = await runBackfill({ ...s.at(job(onConflict)), batch: { rows: 40, bytes: 1e6, ms: 1e6 } })
    expect({ error, written: run.written, rejected: run.rejected }).toEqual({ error: null, written: 40, rejected: 0 })
    expect(await verifyRun(s.at(job(onConflict)))).toMatchObject({ ok: true, compared: 120 })
    const [next] = await s.sql`select nextval('teams_id_seq') > 139 as team, nextval('events_id_seq') > 1139 as event`
    expect(next).toEqual({ team: true, event: true })
    expect(await rollbackRun({ ...s, run: 'app/teams', laterWrites: 'refuse' })).toMatchObject({ undone: 120 })
    expect(await state()).toEqual(before)
  }
})
