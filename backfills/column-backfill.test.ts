import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { defineBackfill, type Row } from './define.ts'
import { tableFingerprint } from './fingerprint.ts'
import { rollbackRun } from './rollback.ts'
import { runBackfill } from './run.ts'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { table, type TableOptions } from './sources/table.ts'
import { verifyRun } from './verify.ts'

const ROWS = 1500
const Account = z.object({ id: z.string(), email: z.string(), lower: z.string().optional() })
type Account = z.output<typeof Account>

const DDL = `
  create table accounts (id bigint primary key, email text not null, visits integer not null default 0, email_lower text);
  insert into accounts select n, 'User' || n || '@Example.org' from generate_series(1, ${ROWS}) n`

const lowering = (map: (account: Account) => Row, options: TableOptions = {}) =>
  defineBackfill({
    name: 'app/email-lower',
    from: table('accounts', options),
    schema: Account,
    into: 'accounts',
    onConflict: 'update',
    map,
  })

const small = { rows: 500, bytes: 1e6, ms: 1e6 }

test('a column is computed in TypeScript or in SQL, verified and taken back', async () => {
  await using s = await scenario(DDL)
  const before = await tableFingerprint(s.sql, { sql: 'accounts' })
  for (const [job, rows] of [
    [lowering(({ id, email }) => ({ id, email_lower: email.toLowerCase() })), ROWS],
    [
      lowering(({ id, lower }) => ({ id, email_lower: lower }), {
        columns: { lower: 'lower(t.email)' },
        where: 't.id % 2 = 0',
      }),
      ROWS / 2,
    ],
  ] as const) {
    const { run, error } = await runBackfill({ ...s.at(job), batch: small })
    expect(error).toBeNull()
    const [counts] = await s.sql`select (count(*) filter (where email_lower = lower(email)))::int as done from accounts`
    expect(counts).toEqual({ done: rows })
    expect(run).toMatchObject({ state: 'done', read: rows, existing: rows, written: 0 })
    expect(await verifyRun(s.at(job))).toMatchObject({ ok: true, compared: rows })
    await s.sql`update accounts set email_lower = 'mine' where id = 10`
    expect(await verifyRun(s.at(job))).toMatchObject({
      ok: false,
      differences: [{ key: ['10'], actual: '(was edited later)' }],
    })
    await rollbackRun({ ...s, run: job.name, laterWrites: 'force' })
    expect(await tableFingerprint(s.sql, { sql: 'accounts' })).toBe(before)
  }
})

test('a row that changes between reading and writing is read again, and one that is deleted stays deleted', async () => {
  await using s = await scenario(DDL)
  const job = lowering(({ id, email }) => ({ id, email_lower: email.toLowerCase() }))
  const interrupted = {
    ...job,
    from: {
      ...job.from,
      async *read(...where: Parameters<typeof job.from.read>) {
        for await (const items of job.from.read(...where)) {
          await s.sql`update accounts set email = 'NEW@Example.org' where id = 3`
          await s.sql`delete from accounts where id = 4`
          await s.sql`insert into accounts (id, email) values (9000, 'Late@Example.org')`
          yield items
        }
      },
    },
  }
  const { run, error } = await runBackfill(s.at(interrupted))
  expect(error).toBeNull()
  expect(run).toMatchObject({ state: 'done', read: ROWS, existing: ROWS })
  expect(await s.sql`select id, email, email_lower from accounts where id in (3, 4, 5, 9000) order by id`).toEqual([
    { id: '3', email: 'NEW@Example.org', email_lower: 'new@example.org' },
    { id: '5', email: 'User5@Example.org', email_lower: 'user5@example.org' },
    { id: '9000', email: 'Late@Example.org', email_lower: null },
  ])
  expect(await verifyRun(s.at(interrupted))).toMatchObject({ ok: true, compared: ROWS - 1 })
})

test('with eight writers at once every row has what belongs to it, nothing of theirs is lost, and the run ends', async () => {
  await using s = await scenario(DDL)
  const stop = new AbortController()
  let [edits, added] = [0, 0]
  const writer = async (n: number): Promise<void> => {
    while (!stop.signal.aborted) {
      const id = 1 + Math.floor(Math.random() * ROWS)
      await s.sql`update accounts set email = ${`Edit${(edits += 1)}@Example.org`}, visits = visits + 1 where id = ${id}`
      if (n === 0) await s.sql`insert into accounts (id, email) values (${10_000 + (added += 1)}, 'Late@Example.org')`
      if (n === 1) await s.sql`delete from accounts where id = ${id}`
    }
  }
  const writers = Array.from({ length: 8 }, (_, n) => writer(n))
  await sleep(20)
  const job = lowering(({ id, email }) => ({ id, email_lower: email.toLowerCase() }))
  const { run, error } = await runBackfill({ ...s.at(job), batch: small })
  stop.abort()
  await Promise.all(writers)
  expect(error).toBeNull()
  expect(run).toMatchObject({ state: 'done', written: 0, rejected: 0 })
  // Of the rows that nobody wrote after the backfill, whatever was written before.
  const [untouched] = await s.sql`
    select (count(*) filter (where email_lower is distinct from lower(email)))::int as wrong, count(*) > 100 as many
    from accounts a join landfall.backfill_batch b on a.xmin = b.xid::xid`
  expect(untouched).toEqual({ wrong: 0, many: true })
  const kept = await s.sql`select id, email, visits from accounts order by id`
  await rollbackRun({ ...s, run: job.name, laterWrites: 'skip' })
  expect(await s.sql`select id, email, visits from accounts order by id`).toEqual(kept)
})

test('with eight writers at the same column, what is on record as before is what was really overwritten', async () => {
  await using s = await scenario(`${DDL};
    create table changes (id bigint not null, xid xid8 not null, before text);
    create function note() returns trigger language plpgsql as $$
      begin insert into changes values (new.id, pg_current_xact_id(), old.email_lower); return null; end $$;
    create trigger note after update on accounts for each row execute function note()`)
  const stop = new AbortController()
  const writer = async (n: number): Promise<void> => {
    for (let edit = 0; !stop.signal.aborted; edit += 1)
      await s.sql`update accounts set email_lower = ${`theirs ${n}.${edit}`} where id = ${1 + Math.floor(Math.random() * ROWS)}`
  }
  const writers = Array.from({ length: 8 }, (_, n) => writer(n))
  for (let edits = 0; edits < 100;)
    [{ edits = 0 }] = await s.sql<[{ edits: number }]>`select count(*)::int as edits from changes`
  const job = lowering(({ id, email }) => ({ id, email_lower: email.toLowerCase() }))
  const { run, error } = await runBackfill({ ...s.at(job), batch: { rows: 100, bytes: 1e6, ms: 1e6 } })
  stop.abort()
  await Promise.all(writers)
  expect({ error, state: run.state, existing: run.existing }).toEqual({ error: null, state: 'done', existing: ROWS })
  const [entries] = await s.sql`
    select count(*)::int as all, (count(*) filter (where e.before is distinct from c.before))::int as wrong,
      count(*) filter (where c.before is not null) > 20 as contended
    from landfall.backfill_batch b cross join lateral (
        select k.id::bigint, b.before -> (k.n::int - 1) ->> 0 as before from unnest(b.keys[1:1]) with ordinality k(id, n)
      ) e join changes c on c.id = e.id and c.xid = b.xid`
  expect(entries).toEqual({ all: ROWS, wrong: 0, contended: true })
  const touched = await s.sql`
    select a.id, a.email_lower from accounts a
    where not exists (select from landfall.backfill_batch b where a.xmin = b.xid::xid) order by a.id`
  await rollbackRun({ ...s, run: job.name, laterWrites: 'skip' })
  expect(
    await s.sql`select id, email_lower from accounts where id = any(${touched.map(({ id }) => id as string)}::bigint[]) order by id`,
  ).toEqual(touched)
  const [back] = await s.sql`
    select (count(*) filter (where a.email_lower is distinct from c.before))::int as wrong
    from accounts a join changes c on c.id = a.id join landfall.backfill_batch b on b.xid = c.xid
    where not a.id = any(${touched.map(({ id }) => id as string)}::bigint[])`
  expect(back).toEqual({ wrong: 0 })
})
