import fc from 'fast-check'
import { expect, test } from 'vitest'
import { freshDatabase } from '../fixtures/database.ts'
import { domainProject } from '../fixtures/drift.ts'
import type { LandfallError } from '../migrations/error.ts'
import { readCatalog } from '../migrations/catalog/read.ts'
import { relationsOf } from '../migrations/catalog/relations.ts'
import { readBaseline } from './baseline.ts'
import { completeFinding } from './complete-finding.ts'
import { compareDrift } from './drift/compare.ts'
import { identityOf } from './drift/difference.ts'
import { extractTypes } from './drift/extract.ts'
import type { TypeModel } from './drift/type-model.ts'
import { domainSettings } from './settings.ts'

const SQL = `create table orders (
  id uuid primary key, state text not null check (state in ('open', 'paid', 'sent', 'gone')), total numeric not null,
  placed_at timestamptz, note text, tags text[] not null, hidden text);
create table alone (id int primary key);`

const DOMAIN = `export interface Order {
  id: string | null
  state: 'open' | 'lost' | 'paid' | 'void'
  total: number | 'none'
  placedAt: Date
  note?: string
  tags: number[]
  extra: string
  other: number
}
export type OrderSummary = Pick<Order, 'id' | 'placedAt'>
`

test('a finding keeps its fingerprint when lines move, files are renamed, and unions or properties change their order', async () => {
  await using db = await freshDatabase()
  await using project = await domainProject({ 'domain.ts': DOMAIN })
  await db.sql.unsafe(SQL)
  const relations = relationsOf(await readCatalog(db.sql))
  const settings = domainSettings.parse({ files: 'domain.ts' })
  const original = await extractTypes({ root: project.root, files: 'domain.ts' })
  const fingerprints = async (model: TypeModel): Promise<string[]> => {
    const { differences } = await compareDrift({ model, relations, schema: 'public', settings, originOf: () => null })
    return differences
      .map((one) =>
        completeFinding({ ...one, identity: identityOf(one) }, { system: 'app', check: 'drift', rules: {} })!,
      )
      .map(({ fingerprint }) => fingerprint)
      .toSorted()
  }
  const before = await fingerprints(original)
  expect(new Set(before).size).toBe(before.length)
  expect(before.length).toBeGreaterThan(10)
  const refactoring = fc.record({
    lines: fc.integer({ min: 0, max: 500 }),
    file: fc.constantFrom('a.ts', 'src/deep/orders.ts'),
    seed: fc.array(fc.nat(), { minLength: 40, maxLength: 40 }),
  })
  await fc.assert(
    fc.asyncProperty(refactoring, async ({ lines, file, seed }) => {
      let next = 0
      const shuffled = <T>(list: readonly T[]): T[] =>
        list
          .map((one) => ({ one, at: seed[next++ % seed.length]! }))
          .toSorted((a, b) => a.at - b.at)
          .map(({ one }) => one)
      const refactored = JSON.parse(JSON.stringify(original), (key, value: unknown) => {
        if (key === 'location') return { ...(value as object), file, line: (value as { line: number }).line + lines }
        if (key === 'text' && typeof value === 'string') return shuffled(value.split(' | ')).join(' | ')
        const union = key === 'of' && Array.isArray(value)
        return union || key === 'properties' ? shuffled(value as unknown[]) : value
      }) as TypeModel
      expect(await fingerprints(refactored)).toEqual(before)
    }),
    { numRuns: 60 },
  )
})

test('a baseline that is no JSON, or of another schema, is refused at its line; none at all is none', async () => {
  const entry = { system: 'app', rule: 'drift/x', object: null, message: 'm', fingerprint: '0123456789abcdef' }
  const texts = {
    'cut.json': '{\n  "schema": 1,\n',
    'other.json': JSON.stringify({ schema: 2, findings: [] }),
    'entry.json': JSON.stringify({ schema: 1, findings: [entry, { ...entry, fingerprint: 'x' }] }, null, 2),
    'good.json': JSON.stringify({ schema: 1, findings: [entry] }),
  }
  await using project = await domainProject(texts)
  const read = async (file: string): Promise<unknown> =>
    readBaseline(project.root, file).then(
      (baseline) => baseline?.findings ?? null,
      ({ code, location }: LandfallError) => [code, location?.line],
    )
  expect(await Promise.all([...Object.keys(texts), 'none.json'].map(read))).toEqual([
    ['baseline/broken', 2],
    ['baseline/broken', 1],
    ['baseline/broken', 11],
    [entry],
    null,
  ])
})
