import type { Difference } from './compare.ts'
import type { CopyConnection } from './copy-connection.ts'
import { identifier, qualified } from './identifier.ts'
import { keyAsTexts, keyList } from './journal.ts'
import type { Target } from './target.ts'

/** As many orphans of a foreign key as anybody wants to read. */
const NAMED = 100

/** Rows of a table that refer to rows that are not there: keys that are not validated, or were not enforced. */
export async function orphans(connection: CopyConnection, target: Target): Promise<Difference[]> {
  const keys = await connection.query(
    `select f.conname as name, n.nspname as schema, c.relname as parent,
       to_json(array(select a.attname from unnest(f.conkey) with ordinality k(attnum, i)
         join pg_attribute a on a.attrelid = f.conrelid and a.attnum = k.attnum order by k.i))::text as columns,
       to_json(array(select a.attname from unnest(f.confkey) with ordinality k(attnum, i)
         join pg_attribute a on a.attrelid = f.confrelid and a.attnum = k.attnum order by k.i))::text as referenced
     from pg_constraint f join pg_class c on c.oid = f.confrelid join pg_namespace n on n.oid = c.relnamespace
     where f.contype = 'f' and f.conrelid = $1::regclass and f.conparentid = 0 order by 1`,
    [target.sql],
  )
  const found: Difference[] = []
  for (const { name, schema, parent, columns, referenced } of keys) {
    const own = JSON.parse(columns!) as string[]
    const theirs = JSON.parse(referenced!) as string[]
    const same = own.map((column, n) => `p.${identifier(theirs[n]!)} = t.${identifier(column)}`).join(' and ')
    const given = own.map((column) => `t.${identifier(column)} is not null`).join(' and ')
    const values = own.map((column) => `t.${identifier(column)}::text`).join(', ')
    const rows = await connection.query(
      `select ${keyList(target, 't')}::text as key, to_json(t.value)::text as value from (
         select ${keyAsTexts(target, 't')}, array[${values}] as value from ${target.sql} t
         where ${given} and not exists (select from ${qualified(schema!, parent!)} p where ${same}) limit ${NAMED}) t`,
    )
    for (const { key, value } of rows)
      found.push({
        table: target.table,
        key: JSON.parse(key!) as string[],
        column: own.join(', '),
        expected: `a row of ${parent} (${name})`,
        actual: (JSON.parse(value!) as string[]).join(', '),
        record: null,
        line: null,
      })
  }
  return found
}
