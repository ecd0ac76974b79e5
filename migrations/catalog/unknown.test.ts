import { expect, test } from 'vitest'
import { cases } from '../../fixtures/catalog-cases.ts'
import { freshDatabase } from '../../fixtures/database.ts'
import { connect } from '../server/databases.ts'
import { unknownObjects } from './unknown.ts'

test('objects of every kind are known; a large object is not a part of a schema, and is said', async () => {
  await using db = await freshDatabase()
  await using sql = Object.assign(connect(db.superuserUrl), {
    async [Symbol.asyncDispose]() {
      await sql.end()
    },
  })
  const counts: unknown[] = []
  await sql
    .begin(async (tx) => {
      for (const { setup, create } of cases) await tx.unsafe(`${setup ?? ''}; ${create}`)
      counts.push([...(await unknownObjects(tx))])
      await tx`select lo_create(0), lo_create(0)`
      counts.push([...(await unknownObjects(tx))])
      throw new Error('rolled back')
    })
    .catch((error: unknown) => {
      if ((error as Error).message !== 'rolled back') throw error
    })
  expect(counts).toEqual([[], [{ catalog: 'pg_largeobject_metadata', count: 2 }]])
})
