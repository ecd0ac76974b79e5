import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshDatabase } from '../../fixtures/database.ts'
import { readCatalog } from '../../migrations/catalog/read.ts'
import { type Column, type Relation, relationsOf } from '../../migrations/catalog/relations.ts'
import { domainSettings } from '../settings.ts'
import { compareDrift } from './compare.ts'
import type { DriftFact } from './difference.ts'
import { extractTypes } from './extract.ts'
import { quoted } from './names.ts'
import { hasNull, type Property, type TypeModel, unionOf } from './type-model.ts'

const root = join(import.meta.dirname, '../..')
const SYSTEMS = {
  workspace: { schema: 'workspace', profile: 'postgres' },
  'design-log': { schema: 'design_log', profile: { extends: 'postgres', types: { int8: 'number' } } },
} as const

interface Mutant {
  readonly name: string
  readonly model?: TypeModel
  readonly relations?: readonly Relation[]
  /** Rules that may report it, at the column or its table. */
  readonly rules: readonly string[]
  readonly object: string
}

/** Every column of every row type, changed on either side in every way that a reader would notice. */
function mutants(model: TypeModel, relations: readonly Relation[], fact: DriftFact): Mutant[] {
  return fact.pairs
    .filter(({ shape }) => shape === 'row')
    .flatMap((pair) => {
      const relation = relations.find(({ qualified }) => qualified === pair.relation)!
      const type = model.types.find(({ name }) => name === pair.type)!
      const typeWith = (properties: readonly Property[]): TypeModel => ({
        ...model,
        types: model.types.map((one) => (one === type ? { ...type, properties } : one)),
      })
      const tableWith = (columns: readonly Column[]): Relation[] =>
        relations.map((one) => (one === relation ? { ...relation, columns } : one))
      const extra: Column = { ...relation.columns[0]!, name: 'brand_new', position: 99 }
      return [
        {
          name: `${pair.relation} + column`,
          relations: tableWith([...relation.columns, extra]),
          rules: ['drift/missing-property'],
          object: `${pair.relation}.brand_new`,
        },
        ...type.properties!.flatMap((property): Mutant[] => {
          const column = relation.columns.find(({ name }) => name.replaceAll('_', '') === property.name.toLowerCase())!
          const object = `${pair.relation}.${quoted(column.name)}`
          const others = type.properties!.filter((one) => one !== property)
          const propertyIs = (change: Partial<Property>): TypeModel => typeWith([...others, { ...property, ...change }])
          const columnIs = (change: Partial<Column>): Relation[] =>
            tableWith(relation.columns.map((one) => (one === column ? { ...column, ...change } : one)))
          const nullable = hasNull(property.type)
          const key = ['drift/too-nullable', 'drift/pk-optional']
          return [
            { name: 'property dropped', model: typeWith(others), rules: ['drift/missing-property'], object },
            {
              name: 'property renamed',
              model: propertyIs({ name: 'renamed' }),
              rules: ['drift/missing-property'],
              object,
            },
            {
              name: 'column dropped',
              relations: tableWith(relation.columns.filter((one) => one !== column)),
              rules: ['drift/extra-property'],
              object: pair.relation,
            },
            {
              name: 'column renamed',
              relations: columnIs({ name: 'renamed' }),
              rules: ['drift/extra-property'],
              object: pair.relation,
            },
            {
              name: 'type symbol',
              model: propertyIs({ type: { kind: 'primitive', name: 'symbol' }, output: null }),
              rules: [
                'drift/base-type',
                'drift/date-family',
                'drift/array-shape',
                'drift/json-incompatible',
                'drift/int8-or-numeric',
              ],
              object,
            },
            ...(nullable
              ? [
                  {
                    name: 'null removed',
                    model: propertyIs({
                      type: unionOf(
                        (property.type.kind === 'union' ? property.type.of : []).filter(({ kind }) => kind !== 'null'),
                      ),
                    }),
                    rules: ['drift/null-not-modelled', 'drift/nullable-with-default'],
                    object,
                  },
                  { name: 'set not null', relations: columnIs({ notNull: true }), rules: key, object },
                ]
              : [
                  ...(column.baseType === 'jsonb'
                    ? []
                    : [
                        {
                          name: 'null added',
                          model: propertyIs({ type: unionOf([property.type, { kind: 'null' }]) }),
                          rules: key,
                          object,
                        },
                      ]),
                  // A schema's default fills in what its input lacks: nothing is wrong with that.
                  ...(property.output === null
                    ? [
                        {
                          name: 'made optional',
                          model: propertyIs({ optional: true }),
                          rules: ['drift/optional-but-not-null', 'drift/pk-optional'],
                          object,
                        },
                      ]
                    : []),
                  {
                    name: 'drop not null',
                    relations: columnIs({ notNull: false }),
                    rules: ['drift/null-not-modelled', 'drift/nullable-with-default'],
                    object,
                  },
                ]),
          ].map((mutant) => ({ ...mutant, name: `${object}: ${mutant.name}` }))
        }),
      ]
    })
}

test.each(Object.entries(SYSTEMS))(
  'every seeded drift of %s is found, by its rule and at its column',
  async (system, { schema, profile }) => {
    await using db = await freshDatabase({ schema })
    const directory = join(root, 'migrations/sql', system)
    for (const file of readdirSync(directory)
      .filter((name) => name.endsWith('.up.sql'))
      .toSorted()) {
      await db.sql.unsafe(readFileSync(join(directory, file), 'utf8'))
    }
    const files = `fixtures/systems/${system}/domain.ts`
    const model = await extractTypes({ root, files })
    const relations = relationsOf(await readCatalog(db.sql))
    const settings = domainSettings.parse({ files, profile })
    const drift = (change: Pick<Mutant, 'model' | 'relations'>): Promise<DriftFact> =>
      compareDrift({ model, relations, schema, settings, originOf: () => null, ...change })

    const fact = await drift({})
    expect(fact.differences).toEqual([])
    const seeded = mutants(model, relations, fact)
    const survivors: string[] = []
    for (const mutant of seeded) {
      const { name, rules, object, ...change } = mutant
      const { differences } = await drift(change)
      if (!differences.some((one) => rules.includes(one.rule) && one.object === object)) survivors.push(name)
    }
    expect([survivors, seeded.length > 150]).toEqual([[], true])
  },
)
