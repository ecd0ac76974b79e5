import type { Sql } from 'postgres'
import { sequencesOf } from './sequences.ts'
import type { Target } from './target.ts'

/** What is special about the tables, and what the engine does about it. */
export async function notesOn(sql: Sql, targets: readonly Target[]): Promise<string[]> {
  const notes: string[] = []
  for (const target of targets) {
    const { table, triggers, rowSecurity, plain, columns } = target
    for (const trigger of triggers)
      notes.push(`the trigger ${trigger} of ${table} runs for every row; what it does elsewhere is not undone`)
    if (rowSecurity)
      notes.push(`row-level security of ${table} applies to this role: rows go in by INSERT, which is slower than COPY`)
    if (!plain) notes.push(`${table} has partitions or children: rows are looked up by their keys, which is slower`)
    const generated = [...columns.values()].filter((column) => column.generated).map(({ name }) => name)
    if (generated.length > 0)
      notes.push(`the database computes ${generated.join(', ')} of ${table}: they are not compared with the source`)
    const unknown = [...columns.values()]
      .filter(({ codec, generated: computed }) => codec === null && !computed)
      .map(({ name, type }) => `${name} (${type})`)
    if (unknown.length > 0)
      notes.push(
        `only the server knows the bytes of ${unknown.join(', ')} of ${table}: batches that write them go as text, and verify compares their records one by one`,
      )
    for (const { column, sequence } of await sequencesOf(sql, target))
      notes.push(
        `the sequence ${sequence} of ${table}.${column} is moved behind the greatest value, and a rollback does not move it back`,
      )
    for (const { table: child, columns: refers, onDelete } of target.referrers.filter(
      (referrer) => silent[referrer.onDelete] !== undefined,
    ))
      notes.push(
        `a delete in ${table} would ${silent[onDelete]} rows of ${child} (${refers.join(', ')}): a rollback refuses when there are any that are not of the run`,
      )
  }
  return notes
}

const silent: Readonly<Record<string, string>> = { c: 'delete', n: 'empty', d: 'set back' }
