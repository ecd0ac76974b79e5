import type { DatabaseSync } from 'node:sqlite'

export interface SqliteColumn {
  readonly name: string
  /** As it was declared. */
  readonly type: string
  readonly notNull: boolean
  /** The text of the default, or null. */
  readonly default: string | null
  readonly generated: boolean
}

export interface SqliteForeignKey {
  readonly columns: readonly string[]
  readonly table: string
  /** Those that are referred to; the primary key where none was named. */
  readonly references: readonly string[]
  readonly onDelete: string
}

export interface SqliteIndex {
  readonly name: string
  readonly unique: boolean
  /** Null stands for an expression. */
  readonly columns: readonly (string | null)[]
  readonly partial: boolean
}

export interface SqliteTable {
  readonly name: string
  readonly columns: readonly SqliteColumn[]
  readonly primaryKey: readonly string[]
  /** The columns of UNIQUE constraints. */
  readonly uniques: readonly (readonly string[])[]
  readonly foreignKeys: readonly SqliteForeignKey[]
  readonly indexes: readonly SqliteIndex[]
  /** The number of CHECK constraints. */
  readonly checks: number
}

/** What a SQLite database contains; landfall's own history apart. */
export interface SqliteSchema {
  readonly tables: readonly SqliteTable[]
  /** Views and triggers with their text. */
  readonly others: readonly { readonly kind: string; readonly name: string; readonly sql: string }[]
}

type Row = Readonly<Record<string, unknown>>

export function readSqliteSchema(database: DatabaseSync): SqliteSchema {
  const all = (sql: string, ...values: string[]): Row[] => database.prepare(sql).all(...values)
  const entries = all(
    "select type, name, sql from sqlite_schema where name not like 'sqlite\\_%' escape '\\' order by name",
  )
  return {
    tables: entries
      .filter(({ type, name }) => type === 'table' && name !== 'schema_migrations')
      .map(({ name, sql }) => readTable(all, String(name), String(sql))),
    others: entries
      .filter(({ type }) => type === 'view' || type === 'trigger')
      .map(({ type, name, sql }) => ({ kind: String(type), name: String(name), sql: String(sql) })),
  }
}

function readTable(all: (sql: string, ...values: string[]) => Row[], name: string, sql: string): SqliteTable {
  const columns = all('select name, type, "notnull", dflt_value, pk, hidden from pragma_table_xinfo(?)', name)
  const keyOf = (table: string): string[] =>
    all('select name from pragma_table_info(?) where pk > 0 order by pk', table).map((column) => String(column['name']))
  const primaryKey = keyOf(name)
  // The one key that SQLite itself keeps free of null: it is the row's number.
  const isRowid = ({ name: column, type }: Row): boolean =>
    primaryKey.length === 1 && primaryKey[0] === column && /^integer$/i.test(String(type))
  const indexes = all('select name, "unique", origin, partial from pragma_index_list(?)', name).map((index) => ({
    name: String(index['name']),
    unique: index['unique'] === 1,
    origin: String(index['origin']),
    partial: index['partial'] === 1,
    columns: all('select name from pragma_index_info(?) order by seqno', String(index['name'])).map((column) =>
      column['name'] === null ? null : String(column['name']),
    ),
  }))
  const parts = Map.groupBy(
    all('select id, "table", "from", "to", on_delete from pragma_foreign_key_list(?) order by id, seq', name),
    ({ id }) => id,
  )
  return {
    name,
    columns: columns.map((column) => ({
      name: String(column['name']),
      type: String(column['type']),
      notNull: column['notnull'] === 1 || isRowid(column),
      default: column['dflt_value'] === null ? null : String(column['dflt_value']),
      generated: column['hidden'] !== 0,
    })),
    primaryKey,
    uniques: indexes.filter(({ origin }) => origin === 'u').map((index) => index.columns.map(String)),
    foreignKeys: [...parts.values()].map((rows) => ({
      columns: rows.map(({ from }) => String(from)),
      table: String(rows[0]!['table']),
      references: rows.some(({ to }) => to === null)
        ? keyOf(String(rows[0]!['table']))
        : rows.map(({ to }) => String(to)),
      onDelete: String(rows[0]!['on_delete']).toLowerCase(),
    })),
    indexes: indexes
      .filter(({ origin }) => origin === 'c')
      .map(({ name: index, unique, columns: of, partial }) => ({ name: index, unique, columns: of, partial })),
    checks: withoutTexts(sql).match(/\bcheck\s*\(/gi)?.length ?? 0,
  }
}

/** What is neither a comment nor quoted. */
const withoutTexts = (sql: string): string =>
  sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\/|'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '')
