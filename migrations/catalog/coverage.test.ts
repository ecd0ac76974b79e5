import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { connect } from '../server/databases.ts'
import { OBSERVING, READING, watchCatalog } from './changes.ts'
import { compareCatalogs, type CatalogDifference } from './compare.ts'
import { cases } from '../../fixtures/catalog-cases.ts'
import { coverageTable } from './coverage-table.ts'
import { kinds } from './query.ts'
import { readState } from './read.ts'
import type { CatalogState } from './state.ts'

const summary = ({ change, kind, name, fields }: CatalogDifference): string =>
  `${change} ${kind} ${name}${fields.length > 0 ? `: ${fields.toSorted().join(', ')}` : ''}`

// The functions of a base type need a shell of it before.
const SHELL_BECOMES_TYPE = 'changed base type public.label: byValue, category, defined, input, length, output, storage'

test('every kind is tried', () => {
  expect([...new Set(cases.map(({ kind }) => kind))].toSorted()).toEqual(kinds)
  expect(kinds.length).toBeGreaterThanOrEqual(40)
})

test('every kind is seen when it is made, altered and dropped, and nothing else is, by what is read again too', async () => {
  await using db = await freshDatabase()
  const superuser = connect(db.superuserUrl)
  const watch = await watchCatalog(connect(db.url, { settings: OBSERVING }))
  const [{ owner }] = (await db.sql`select current_user as owner`) as unknown as [{ owner: string }]
  const parts: unknown[] = []
  const wholes: unknown[] = []
  const seen: unknown[] = []
  const expected: unknown[] = []
  for (const each of cases) {
    const sql = each.superuser ? superuser : db.sql
    const after = (step: string, before: CatalogState): Promise<CatalogState> =>
      sql
        .begin(async (tx) => {
          const mark = await watch.mark(tx)
          await tx.unsafe(`${step}; ${READING}`)
          const partly = await watch.read(tx, mark, before)
          const whole = await readState(tx)
          parts.push({ step, objects: partly.objects })
          wholes.push({ step, objects: whole.objects })
          return whole
        })
        .catch((cause: unknown) => {
          throw new Error(`${each.kind}: ${step}`, { cause })
        })
    if (each.setup) await sql.unsafe(each.setup)
    const start = await sql.begin((tx) => readState(tx))
    const made = await after(each.create, start)
    const altered = await after(each.alter, made)
    const end = await after(each.drop, altered)
    const name = each.name.replace('OWNER', owner)
    seen.push({
      kind: each.kind,
      made: compareCatalogs(start.objects, made.objects).map(summary),
      altered: compareCatalogs(made.objects, altered.objects).map(summary),
      dropped: compareCatalogs(altered.objects, end.objects).map(summary),
      // The base type's functions go with it.
      restored: each.kind === 'base type' || compareCatalogs(start.objects, end.objects).length === 0,
    })
    const shell = each.kind === 'base type'
    expected.push({
      kind: each.kind,
      made: shell ? [SHELL_BECOMES_TYPE] : [`extra ${each.kind} ${name}`],
      altered: [...(each.also ?? []), `changed ${each.kind} ${name}: ${each.altered.toSorted().join(', ')}`],
      dropped: shell
        ? [
            `missing base type ${name}`,
            'missing function public.label_in(cstring)',
            'missing function public.label_out(public.label)',
          ]
        : [`missing ${each.kind} ${name}`],
      restored: true,
    })
  }
  await Promise.all([superuser.end(), watch.end()])
  expect(parts).toEqual(wholes)
  expect(seen).toEqual(expected)
})

test('the documentation lists every kind', async () => {
  expect(await readFile(new URL('../../docs/catalog.md', import.meta.url), 'utf8')).toContain(`\n${coverageTable()}\n`)
})
