import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { DDL, loaded, projects, rollback } from '../fixtures/backfills/projects-job.ts'
import { scenario } from '../fixtures/backfills/scenario.ts'
import { runBackfill } from './run.ts'
import { store } from './sources/store.ts'

const CHILDREN = `create table tasks (id integer primary key, project_id integer references projects on delete cascade)`

test('the before-image is what was really overwritten, whoever came in between', async () => {
  await using s = await scenario(DDL)
  const other = s.sql.begin(async (transaction) => {
    await transaction`update projects set name = 'LATER' where id = 100`
    await new Promise((resolve) => setTimeout(resolve, 600))
  })
  await new Promise((resolve) => setTimeout(resolve, 100))
  const job = projects(0, { from: store('one', () => [{ id: 100, name: 'mine' }]), onConflict: 'update' })
  await runBackfill(s.at(job))
  await other
  expect(await s.sql`select name from projects where id = 100`).toEqual([{ name: 'mine' }])
  await rollback(s)
  expect(await s.sql`select name from projects where id = 100`).toEqual([{ name: 'LATER' }])
})

test('what is under way when the rollback comes to a row is waited for, and not lost', async () => {
  const underWay: [earlier: string, later: string, kept: string][] = [
    ['', `update projects set name = 'mine' where id = 2`, 'mine'],
    [`update projects set name = name where id = 1`, `update projects set name = 'mine' where id = 2`, 'mine'],
    [CHILDREN, `insert into tasks values (1, 2)`, 'p2'],
  ]
  for (const [earlier, later, name] of underWay) {
    await using s = await loaded(earlier)
    const other = await s.sql.reserve()
    await other`begin`
    await other.unsafe(later)
    const pending = rollback(s)
    pending.catch(() => {})
    const waiting = () =>
      s.sql`select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()`
    while ((await waiting()).length === 0) await sleep(5)
    await other`commit`
    other.release()
    await expect(pending).rejects.toMatchObject({ code: 'backfills/later-writes', fields: { count: 1 } })
    expect(await s.sql`select name from projects where id = 2`).toEqual([{ name }])
  }
})

test('between looking at the rows and undoing them nobody can edit one', async () => {
  await using s = await loaded(`
    create function wait() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock(7); return old; end $$;
    create trigger wait before delete on projects for each row when (old.id = 1) execute function wait();
    update projects set name = name where id in (1, 2)`)
  const editor = await s.sql.reserve()
  await editor`select pg_advisory_lock(7)`
  const pending = rollback(s)
  const waiting = () =>
    s.sql`select from pg_stat_activity where wait_event = 'advisory' and datname = current_database()`
  while ((await waiting()).length === 0) await sleep(5)
  await editor`set lock_timeout = 100`
  await expect(editor`update projects set name = 'mine' where id = 2`.then((rows) => rows.count)).rejects.toMatchObject(
    { code: '55P03' },
  )
  await editor`select pg_advisory_unlock(7)`
  await editor`reset lock_timeout`
  editor.release()
  expect(await pending).toMatchObject({ undone: 5 })
})

test('a rollback that another process took over goes no further', async () => {
  await using s = await loaded(`
    create function take() returns trigger language plpgsql as $$ begin update landfall.backfill_run set epoch = epoch + 1; return old; end $$;
    create trigger take before delete on projects for each row when (old.id = 3) execute function take()`)
  await expect(rollback(s)).rejects.toMatchObject({ code: 'backfills/already-running' })
  expect(await s.sql`select id from projects order by id`).toEqual([{ id: 1 }, { id: 2 }, { id: 100 }])
})
