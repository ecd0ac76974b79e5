import { DatabaseSync } from 'node:sqlite'
import type { Catalog } from '../../migrations/catalog/catalog.ts'
import type { Migration } from '../../migrations/migration.ts'
import { applyScript } from '../../migrations/sqlite/apply.ts'
import { readSqliteSchema, type SqliteSchema } from '../../migrations/sqlite/schema.ts'
import type { Portability } from './portability.ts'
import { compareShapes, shapeOfPostgres, shapeOfSqlite } from './shape.ts'
import { vendorUses } from './vendor-sql.ts'

/**
 * Reads every script for what is PostgreSQL's alone, and runs all of them on SQLite in memory: each migration up, down and
 * up again. What they make is compared with `replayed`, the catalog of PostgreSQL after the same files; null: it is not
 * compared.
 */
export async function provePortability(
  migrations: readonly Migration[],
  replayed: { readonly catalog: Catalog; readonly schema: string } | null,
): Promise<Portability> {
  const scripts = migrations.flatMap(({ up, down }) => [up, ...(down === null ? [] : [down])])
  const uses = (await Promise.all(scripts.map(vendorUses))).flat()
  const { failures, notInverse, schema } = runOnSqlite(migrations)
  const differences =
    schema === null || replayed === null
      ? null
      : compareShapes(shapeOfSqlite(schema), await shapeOfPostgres(replayed.catalog, replayed.schema), replayed.schema)
  return { uses, failures, notInverse, differences }
}

function runOnSqlite(
  migrations: readonly Migration[],
): Pick<Portability, 'failures' | 'notInverse'> & { schema: SqliteSchema | null } {
  const failures: Portability['failures'][number][] = []
  const notInverse: Portability['notInverse'][number][] = []
  let database = replayed([])
  try {
    for (const [index, migration] of migrations.entries()) {
      const before = readSqliteSchema(database)
      const upFailure = applyScript(database, migration.up)
      if (upFailure !== null) {
        failures.push({ direction: 'up', failure: upFailure })
        return { failures, notInverse, schema: null }
      }
      if (migration.down === null) continue
      const downFailure = applyScript(database, migration.down)
      if (downFailure !== null) failures.push({ direction: 'down', failure: downFailure })
      else {
        const objects = changedItems(before, readSqliteSchema(database))
        if (objects.length > 0) notInverse.push({ migration, objects })
        else if (applyScript(database, migration.up) === null) continue
      }
      // Whatever a bad way back left, the next migration is not to meet it.
      database.close()
      database = replayed(migrations.slice(0, index + 1))
    }
    return { failures, notInverse, schema: readSqliteSchema(database) }
  } finally {
    database.close()
  }
}

function replayed(migrations: readonly Migration[]): DatabaseSync {
  const database = new DatabaseSync(':memory:', { enableForeignKeyConstraints: true })
  for (const { up } of migrations) applyScript(database, up)
  return database
}

/** What is not as it was, in words. The order of columns is none of it: a column that comes back comes last. */
function changedItems(before: SqliteSchema, after: SqliteSchema): string[] {
  const [was, is] = [detailed(before), detailed(after)]
  return [...new Set([...was.keys(), ...is.keys()])].filter((item) => was.get(item) !== is.get(item))
}

const detailed = (schema: SqliteSchema): Map<string, string> =>
  new Map([
    ...shapeOfSqlite(schema),
    ...schema.tables.flatMap(({ name, columns, indexes }) => [
      ...columns.map((column): [string, string] => [`column ${name}.${column.name}`, JSON.stringify(column)]),
      ...indexes.map((index): [string, string] => [`index ${index.name}`, JSON.stringify([name, index])]),
    ]),
    ...schema.others.map(({ kind, name, sql }): [string, string] => [`${kind} ${name}`, sql]),
  ])
