import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { driftOf } from '../../fixtures/drift.ts'
import { judge } from '../../fixtures/every-column/judge.ts'
import { mutants } from '../../fixtures/every-column/mutants.ts'
import { domainTs, PROJECT, schemaSql } from '../../fixtures/every-column/render.ts'

test('a schema of every column kind and its types agree, and all of it is checked', async () => {
  const { coverage, differences } = await driftOf(schemaSql(PROJECT), domainTs(PROJECT))
  const columns = 1 + PROJECT.columns.length + 1 + PROJECT.listed.length + 2 + 4 + 8 + 8 + 3
  expect({ coverage, differences }).toEqual({
    coverage: {
      types: { checked: 9, unchecked: 0 },
      tables: { checked: 7, unchecked: 0 },
      columns: { checked: columns, unchecked: 0 },
    },
    differences: [],
  })
})

// One in 60 of what `npm run test:soak` tries.
test('drift seeded on either side is told by its rule at its object; what is none is not told', async () => {
  await using db = await freshDatabase()
  const verdicts = await judge(
    db.sql,
    mutants().filter((_, index) => index % 60 === 0),
  )
  expect(verdicts.filter(({ expected, told }) => expected.join() !== told.join())).toEqual([])
  expect(verdicts.length).toBeGreaterThan(100)
})
