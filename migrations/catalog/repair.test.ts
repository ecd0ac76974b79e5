import type { ISql } from 'postgres'
import { expect, test } from 'vitest'
import { cases } from '../../fixtures/catalog-cases.ts'
import { freshDatabase } from '../../fixtures/database.ts'
import { connect } from '../server/databases.ts'
import type { CatalogObject } from './catalog.ts'
import { compareCatalogs } from './compare.ts'
import { readWithin } from './read.ts'
import { repairStatements } from './repair.ts'

/** What is still different after the repair: nothing, the differences, or the statement's error. Leaves everything as it was. */
async function repaired(sql: ISql, expected: readonly CatalogObject[]): Promise<string> {
  const statements = repairStatements(compareCatalogs(expected, await readWithin(sql)), expected)
  await sql.unsafe('savepoint repair')
  try {
    for (const statement of statements) await sql.unsafe(statement)
    const rest = compareCatalogs(expected, await readWithin(sql))
    return rest.length === 0
      ? 'repaired'
      : `${rest.map((d) => `${d.change} ${d.kind} ${d.name} ${d.fields.join()}`).join('; ')} ← ${statements.join(' ')}`
  } catch (error) {
    return `${String(error)} ← ${statements.join(' ')}`
  } finally {
    await sql.unsafe('rollback to savepoint repair')
  }
}

test('what a down script lacks for an object of any kind can be appended to it', async () => {
  await using db = await freshDatabase()
  const superuser = connect(db.superuserUrl, { max: 2 })
  const outcomes: [string, string][] = []
  for (const { kind, name, setup, create, alter, superuser: mighty } of cases) {
    const sql = await (mighty ? superuser : db.sql).reserve()
    const outcome = async (what: string, expected: readonly CatalogObject[]): Promise<void> => {
      outcomes.push([`${what} ${kind} ${name}`, await repaired(sql, expected)])
    }
    await sql.unsafe(`begin; ${setup ?? ''}`)
    const start = await readWithin(sql)
    await sql.unsafe('savepoint start')
    await sql.unsafe(create)
    const made = await readWithin(sql)
    await sql.unsafe('savepoint made')
    await sql.unsafe(alter)
    const altered = await readWithin(sql)
    await outcome('drop', start)
    await outcome('undo', made)
    await sql.unsafe('rollback to savepoint made')
    await outcome('alter', altered)
    await sql.unsafe('rollback to savepoint start')
    await outcome('create', altered)
    await sql.unsafe('rollback')
    sql.release()
  }
  await superuser.end()
  const unrepaired = outcomes.filter(([, outcome]) => outcome !== 'repaired')
  expect(unrepaired.map(([what]) => what)).toEqual([
    // A base type and its functions need one another, and DROP takes them together.
    'drop base type public.label',
    'undo base type public.label',
    'alter base type public.label',
    'create base type public.label',
    // CREATE … FROM keeps more of another collation than its locale.
    'create collation public.plain',
    // PostgreSQL's own update scripts lead one way.
    'undo extension pg_trgm',
    // What holds a password is not read, so it cannot be given back.
    'create subscription feed',
    'undo user mapping public for s3',
    'alter user mapping public for s3',
    'create user mapping public for s3',
  ])
  expect(outcomes.length).toBe(cases.length * 4)
})
