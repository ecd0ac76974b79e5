import type { Catalog } from '../../migrations/catalog/catalog.ts'
import { relationsOf, type Relation } from '../../migrations/catalog/relations.ts'
import { statementsOf } from '../../migrations/script.ts'
import type { SqliteSchema, SqliteTable } from '../../migrations/sqlite/schema.ts'
import type { ShapeDifference } from './portability.ts'

/** What both databases can be asked for, item by item in words: `column tasks.id` → `not null`. */
export type Shape = ReadonlyMap<string, string>

const list = (columns: readonly (string | null)[]): string => `(${columns.map((name) => name ?? '…').join(', ')})`
const nullability = (notNull: boolean, generated: boolean): string =>
  `${notNull ? 'not null' : 'null allowed'}${generated ? ', generated' : ''}`
const checks = (count: number): string => `${count} ${count === 1 ? 'check' : 'checks'}`

export const shapeOfSqlite = ({ tables, others }: SqliteSchema): Shape =>
  new Map([
    ...tables.flatMap(itemsOf),
    ...others.map(({ kind, name }): [string, string] => [`${kind} ${name}`, 'there']),
  ])

const itemsOf = (table: SqliteTable): [string, string][] => [
  [`table ${table.name}`, checks(table.checks)],
  ...table.columns.map((column): [string, string] => [
    `column ${table.name}.${column.name}`,
    nullability(column.notNull, column.generated),
  ]),
  ...(table.primaryKey.length === 0
    ? []
    : [[`primary key of ${table.name}`, list(table.primaryKey)] as [string, string]]),
  ...table.uniques.map((columns): [string, string] => [`unique ${table.name} ${list(columns)}`, 'there']),
  ...table.foreignKeys.map((key): [string, string] => [
    `foreign key ${table.name} ${list(key.columns)}`,
    `to ${key.table} ${list(key.references)}, on delete ${key.onDelete}`,
  ]),
  ...table.indexes.map((index): [string, string] => [
    `index ${index.name}`,
    `${index.unique ? 'unique, ' : ''}on ${table.name} ${list(index.columns)}`,
  ]),
]

/** The same of one schema of a PostgreSQL catalog. */
export async function shapeOfPostgres(catalog: Catalog, schema: string): Promise<Shape> {
  const relations = relationsOf(catalog).filter((relation) => relation.schema === schema)
  const tables = relations.filter(({ kind }) => kind === 'table')
  const views = relations.filter(({ kind }) => kind === 'view')
  const own = new Map(tables.map((table) => [table.qualified, table.name]))
  const indexes = await Promise.all(
    catalog.objects
      .filter(({ kind, relation }) => kind === 'index' && own.has(relation!))
      .map(async ({ relation, definition }): Promise<[string, string]> => {
        const { columns, unique } = await indexOf(String(definition['definition']))
        return [
          `index ${String(definition['name'])}`,
          `${unique ? 'unique, ' : ''}on ${own.get(relation!)} ${list(columns)}`,
        ]
      }),
  )
  return new Map([
    ...tables.flatMap((table) => relationItems(table)),
    ...views.map(({ name }): [string, string] => [`view ${name}`, 'there']),
    ...indexes,
  ])
}

function relationItems({ name, columns, constraints }: Relation): [string, string][] {
  const of = (type: string) => constraints.filter((constraint) => constraint.type === type)
  return [
    [`table ${name}`, checks(of('c').length)],
    ...columns.map((column): [string, string] => [
      `column ${name}.${column.name}`,
      nullability(column.notNull, column.generated !== ''),
    ]),
    ...of('p').map((key): [string, string] => [`primary key of ${name}`, list(key.columns)]),
    ...of('u').map((key): [string, string] => [`unique ${name} ${list(key.columns)}`, 'there']),
    ...of('f').map((key): [string, string] => [
      `foreign key ${name} ${list(key.columns)}`,
      `to ${lastName(key.references!.relation)} ${list(key.references!.columns)}, on delete ${onDelete(key.definition)}`,
    ]),
  ]
}

const onDelete = (definition: string): string =>
  /on delete (cascade|set null|set default|restrict)/i.exec(definition)?.[1]?.toLowerCase() ?? 'no action'

const lastName = (qualified: string): string => qualified.slice(qualified.lastIndexOf('.') + 1).replaceAll(/^"|"$/g, '')

async function indexOf(sql: string): Promise<{ columns: (string | null)[]; unique: boolean }> {
  const [statement] = await statementsOf({ file: '', sql, transaction: true, firstLine: 1 })
  const { IndexStmt: index } = statement!.node as {
    IndexStmt: { unique?: boolean; indexParams: { IndexElem: { name?: string } }[] }
  }
  return { columns: index.indexParams.map(({ IndexElem: { name } }) => name ?? null), unique: index.unique ?? false }
}

/** What is not the same, item by item. What hangs on a table that is missing altogether is not said again. */
export function compareShapes(sqlite: Shape, postgres: Shape, schema: string): ShapeDifference[] {
  const differences: ShapeDifference[] = []
  for (const item of new Set([...postgres.keys(), ...sqlite.keys()])) {
    const [here, there] = [sqlite.get(item) ?? null, postgres.get(item) ?? null]
    if (here === there) continue
    const [, table] = /^(?:table|column|primary key of|unique|foreign key) ([^\s.]+)/.exec(item) ?? []
    const isPart = table !== undefined && item !== `table ${table}`
    if (isPart && sqlite.has(`table ${table}`) !== postgres.has(`table ${table}`)) continue
    differences.push({ item, objects: objectsOf(item, table, schema), sqlite: here, postgres: there })
  }
  return differences
}

const objectsOf = (item: string, table: string | undefined, schema: string): string[] => {
  const own = /^(table|column|index|view) (.+)$/.exec(item)
  return [
    ...(own === null ? [] : [`${own[1]} ${schema}.${own[2]}`]),
    ...(table === undefined ? [] : [`table ${schema}.${table}`]),
  ]
}
