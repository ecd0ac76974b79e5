import { z } from 'zod'

/** The version of the format: the only one that is read. */
export const FORMAT = 1

/** What a dump says before its rows. Names of columns with their types, table by table. */
export const headerSchema = z.object({
  schema: z.literal(FORMAT),
  system: z.string(),
  /** The newest migration that was applied; null when nobody kept a history. */
  migration: z.string().nullable(),
  columns: z.record(z.string(), z.record(z.string(), z.string())),
  /** Sequence → the value that it gave last, and whether it gave it. */
  sequences: z
    .record(z.string(), z.strictObject({ last: z.string().regex(/^-?\d+$/), called: z.boolean() }))
    .default({}),
})
export type DumpHeader = z.output<typeof headerSchema>

/** A table that is written out or read in, and its columns: those that can be written. */
export interface DumpTable {
  readonly name: string
  readonly columns: readonly DumpColumn[]
  /** The tables that its foreign keys refer to, itself included. */
  readonly refersTo: readonly string[]
}

export interface DumpColumn {
  readonly name: string
  /** As the database writes it. */
  readonly type: string
  /** Any JSON value may stand in it; in others text, numbers, truth and null. */
  readonly json: boolean
}

/**
 * In a dump the key that no column can have names the columns of a row that hold a JSON null: without it, null stands for
 * no value at all.
 */
export const JSON_NULLS = ''

/** What is referred to comes before what refers to it, as far as there is no circle. */
export function inReferenceOrder<T extends Pick<DumpTable, 'name' | 'refersTo'>>(tables: readonly T[]): T[] {
  const byName = new Map(tables.map((table) => [table.name, table]))
  const [ordered, seen] = [new Set<T>(), new Set<T>()]
  const visit = (table: T): void => {
    if (seen.has(table)) return
    seen.add(table)
    for (const name of table.refersTo.toSorted()) {
      const referred = byName.get(name)
      if (referred) visit(referred)
    }
    ordered.add(table)
  }
  for (const table of tables.toSorted((a, b) => (a.name < b.name ? -1 : 1))) visit(table)
  return [...ordered]
}
