import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { judge } from '../../fixtures/every-column/judge.ts'
import { mutants } from '../../fixtures/every-column/mutants.ts'

test('every drift seeded into a schema of every column kind is told by its rule at its object; what is none is not told', async () => {
  await using db = await freshDatabase()
  const verdicts = await judge(db.sql, mutants())
  const seeded = verdicts.filter(({ expected }) => expected.length > 0)
  console.log(`${seeded.length} drifts seeded, ${verdicts.length - seeded.length} changes that are none`)
  expect(verdicts.filter(({ expected, told }) => expected.join() !== told.join())).toEqual([])
  expect(seeded.length).toBeGreaterThan(300)
})
