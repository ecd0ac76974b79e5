import type { Sql } from 'postgres'
import { ScriptError } from './execute.ts'
import type { Script } from './migration.ts'
import type { Statement } from './script.ts'

/** An index that PostgreSQL keeps up to date and does not use: what a failed `CREATE INDEX CONCURRENTLY` leaves behind. */
export interface InvalidIndex {
  /** `schema.name`, quoted where it needs to be. */
  readonly name: string
  readonly table: string
}

/** The invalid indexes of the schemas that are searched, but those that are being built right now. */
export const readInvalidIndexes = (sql: Sql): Promise<InvalidIndex[]> =>
  sql<InvalidIndex[]>`
    select format('%I.%I', nspname, relname) as name, indrelid::regclass::text as table
    from pg_index join pg_class on pg_class.oid = indexrelid join pg_namespace on pg_namespace.oid = relnamespace
    where not indisvalid and relkind = 'i' and nspname = any(current_schemas(false))
      and not exists (select from pg_stat_progress_create_index where index_relid = indexrelid)
    order by 1`

interface Built {
  readonly index: string
  /** `schema.name`. */
  readonly qualified: string
  readonly valid: boolean
  readonly building: boolean
}

/** Whether a statement on an index may run, was through already, or is for PostgreSQL to judge. */
export interface Way {
  readonly state: 'free' | 'done' | 'taken'
  readonly notice: string | null
}

/** What is known of an earlier attempt at a statement, which began on a free way. */
export interface Attempt {
  /** Numbers of the indexes that its table had before. */
  readonly indexes: readonly string[]
}

/**
 * Makes the way free for a `CREATE INDEX CONCURRENTLY`: the invalid index that an earlier attempt left is dropped, since
 * the statement fails on its name, or passes over it with IF NOT EXISTS; without a name it would stay beside the new one.
 * After an attempt an index that is there, or for `DROP INDEX CONCURRENTLY` gone, is its own work.
 */
export async function beforeConcurrentIndex(
  sql: Sql,
  script: Script,
  statement: Statement,
  attempt: Attempt | null,
): Promise<Way> {
  const gone = await isGone(sql, statement)
  if (gone !== null) {
    const notice = attempt && gone.is ? `index ${gone.name} was dropped before the interruption` : null
    return { state: notice !== null ? 'done' : gone.is ? 'taken' : 'free', notice }
  }
  const built = await builtIndex(sql, statement, attempt)
  if (built === null) return { state: 'free', notice: null }
  if (built.valid && attempt)
    return { state: 'done', notice: `index ${built.index} was complete before the interruption` }
  if (built.valid) return { state: 'taken', notice: null }
  if (built.building) {
    const { line, column } = statement
    const message = `index ${built.index} is being built by another session: wait until it is through`
    throw new ScriptError(
      { message, sqlstate: null, syntax: false, location: { file: script.file, line, column } },
      null,
    )
  }
  await sql.unsafe(`drop index concurrently ${built.qualified}`) // quoted by the server
  return { state: 'free', notice: `dropped the invalid index ${built.index} that an earlier attempt left behind` }
}

/** What a failed statement left on its table, as a sentence; null when nothing. */
export async function leftBehind(sql: Sql, statement: Statement, attempt: Attempt): Promise<string | null> {
  const built = await builtIndex(sql, statement, attempt)
  return built && !built.valid ? `the invalid index ${built.index} is left behind; the next run drops it` : null
}

/** The numbers of the indexes of the table on which a statement builds one without a name; none for any other. */
export async function indexesBefore(sql: Sql, statement: Statement): Promise<string[]> {
  const table = tableOf(statement)
  if (table === null || nameOf(statement) !== null) return []
  const rows = await sql<{ oid: string }[]>`
    select indexrelid::text as oid from pg_index where indrelid = to_regclass(${table}) order by indexrelid`
  return rows.map(({ oid }) => oid)
}

interface RangeVar {
  readonly schemaname?: string
  readonly relname?: string
}
interface IndexStmt {
  readonly idxname?: string
  readonly relation?: RangeVar
  readonly accessMethod?: string
  readonly unique?: boolean
  readonly whereClause?: unknown
  readonly indexParams?: readonly { IndexElem?: { name?: string } }[]
}

const indexOf = ({ node }: Statement): IndexStmt | null => (node as { IndexStmt?: IndexStmt }).IndexStmt ?? null
const nameOf = (statement: Statement): string | null => indexOf(statement)?.idxname ?? null
const tableOf = (statement: Statement): string | null => {
  const relation = indexOf(statement)?.relation
  return relation?.relname === undefined ? null : quoted([relation.schemaname, relation.relname])
}

/** The index of a statement: by its name; without one, what came to its table since the attempt and is of the same kind. */
async function builtIndex(sql: Sql, statement: Statement, attempt: Attempt | null): Promise<Built | null> {
  const [index, name, table] = [indexOf(statement), nameOf(statement), tableOf(statement)]
  if (index === null || table === null || (name === null && attempt === null)) return null
  const keys = (index.indexParams ?? []).map(({ IndexElem: key }) => key?.name ?? null)
  const [row] = await sql<Built[]>`
    select relname as index, format('%I.%I', nspname, relname) as qualified, indisvalid as valid,
      exists (select from pg_stat_progress_create_index where index_relid = indexrelid) as building
    from pg_index join pg_class on pg_class.oid = indexrelid join pg_namespace on pg_namespace.oid = relnamespace
      join pg_am on pg_am.oid = relam
    where indrelid = to_regclass(${table}) and case when ${name}::text is not null then relname = ${name}
      else indexrelid::text <> all(${attempt?.indexes ?? []}::text[]) and indisunique = ${index.unique ?? false}
        and amname = ${index.accessMethod ?? 'btree'} and (indpred is not null) = ${index.whereClause !== undefined}
        and ${keys}::text[] = array(
          select attname::text from unnest(indkey) with ordinality as key (n, place)
          left join pg_attribute on attrelid = indrelid and attnum = n and n > 0
          where place <= indnkeyatts order by place) end
    order by indisvalid desc limit 1`
  return row ?? null
}

interface DropStmt {
  readonly removeType?: string
  readonly objects?: readonly { List?: { items?: readonly { String?: { sval?: string } }[] } }[]
}

/** Of a `DROP INDEX CONCURRENTLY`: the index that it means, and whether there is none any more; null for any other statement. */
async function isGone(sql: Sql, { node }: Statement): Promise<{ name: string; is: boolean } | null> {
  const drop = (node as { DropStmt?: DropStmt }).DropStmt
  if (drop?.removeType !== 'OBJECT_INDEX') return null
  const name = quoted((drop.objects?.[0]?.List?.items ?? []).map(({ String: part }) => part?.sval))
  const [row] = await sql<{ is: boolean }[]>`select to_regclass(${name}) is null as is`
  return { name, is: row!.is }
}

const quoted = (parts: readonly (string | undefined)[]): string =>
  parts
    .filter((part) => part !== undefined)
    .map((part) => `"${part.replaceAll('"', '""')}"`)
    .join('.')
