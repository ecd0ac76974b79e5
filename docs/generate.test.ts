import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { generatedPages } from './generate.ts'

test('the generated pages are what npm run docs would write', async () => {
  const pages = await generatedPages()
  const written = Object.fromEntries(
    Object.keys(pages).map((page) => [page, readFileSync(new URL(page, import.meta.url), 'utf8')]),
  )
  expect(written).toEqual(pages)
})
