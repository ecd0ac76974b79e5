import { expect, test } from 'vitest'
import { codecDisagreements } from '../../fixtures/backfills/codec-disagreement.ts'

test('of a million values, the bytes are those that the server sends, for every type', async () => {
  expect(await codecDisagreements(50_000)).toEqual([])
})
