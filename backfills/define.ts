import { createHash } from 'node:crypto'
import postgres from 'postgres'
import { z } from 'zod'
import { LandfallError } from '../migrations/error.ts'
import type { Source } from './sources/source.ts'

/** One row: database column names and values; `undefined`, or no key, is the column's default. */
export type Row = Readonly<Record<string, unknown>>

/** The row, or the rows, that a record becomes in one table. */
export type RowMap<T> = (record: T) => Row | readonly Row[]

export const conflictPolicies = ['fail', 'skip', 'update'] as const
/**
 * A row of that key is there already: `fail` rejects the record, `skip` keeps the row, `update` writes the record's
 * columns into it.
 */
export type ConflictPolicy = (typeof conflictPolicies)[number]

/** What a team writes in a job file; `T` is what the schema makes of a record. */
export interface BackfillDefinition<T> {
  /** Unique in its system: `design-log/tasks`. */
  readonly name: string
  readonly from: Source
  /** zod: every record is validated, and goes on as the schema returns it. */
  readonly schema: z.ZodType<T>
  /** A table, or several with the map of each. Names are taken as they are, never as SQL. */
  readonly into: string | Readonly<Record<string, RowMap<T>>>
  /**
   * The columns that make a row unique; without it the table's primary key. For several tables: `{ table: columns
   * }`.
   */
  readonly key?: readonly string[] | Readonly<Record<string, readonly string[]>>
  /** Default `fail`. */
  readonly onConflict?: ConflictPolicy
  /** For one table. Without it each property becomes the column of its snake_case name. */
  readonly map?: RowMap<T>
  /** Names of the jobs that must be done before. */
  readonly after?: readonly string[]
}

/** One table of a job. `key` is null for the table's primary key. */
export interface BackfillTable {
  readonly table: string
  readonly key: readonly string[] | null
  /** Null: each property becomes the column of its snake_case name. */
  readonly map: RowMap<never> | null
}

/** A checked job. */
export interface Backfill {
  readonly name: string
  readonly from: Source
  readonly schema: z.ZodType
  /** In the order in which a batch writes them. */
  readonly tables: readonly BackfillTable[]
  readonly onConflict: ConflictPolicy
  readonly after: readonly string[]
}

const columns = z.array(z.string().min(1)).min(1)
const callable = z.custom<RowMap<never>>((value) => typeof value === 'function', 'expected a function')
const having = <T>(method: string, what: string) =>
  z.custom<T>((value) => typeof (value as Record<string, unknown> | null)?.[method] === 'function', what)

const definition = z
  .strictObject({
    name: z
      .string()
      .max(200)
      .regex(/^\w[\w./-]*$/, 'expected letters, digits and . _ - /, for example design-log/tasks'),
    from: having<Source>(
      'read',
      'expected a source: jsonFile(path), ndjson(path), csv(path), sqlite(path, table), store(name, read) or table(name)',
    ),
    schema: having<z.ZodType>('safeParse', 'expected a zod schema'),
    into: z.union(
      [z.string().min(1), z.record(z.string().min(1), callable).refine((tables) => Object.keys(tables).length > 0)],
      { error: 'expected the name of a table, or { table: map } for several' },
    ),
    key: z
      .union([columns, z.record(z.string(), columns)], { error: 'expected a list of columns, or { table: columns }' })
      .optional(),
    onConflict: z.enum(conflictPolicies).default('fail'),
    map: callable.optional(),
    after: z.array(z.string()).default([]),
  })
  .superRefine(({ into, key, map }, context) => {
    const say = (path: string, message: string) => context.addIssue({ code: 'custom', path: [path], message })
    if (typeof into === 'string') {
      if (key !== undefined && !Array.isArray(key)) say('key', 'expected a list of columns, since there is one table')
    } else {
      if (map !== undefined) say('map', 'several tables have their maps in into')
      if (Array.isArray(key)) say('key', 'expected { table: columns }, since there are several tables')
      for (const table of Object.keys(Array.isArray(key) ? {} : (key ?? {})))
        if (!Object.hasOwn(into, table)) say('key', `names the table ${table}, which is not in into`)
    }
  })

/** A job that moves records from a source into tables: the default export of a job file. */
export const defineBackfill = <T>(job: BackfillDefinition<T>): Backfill => parseBackfill(job)

/**
 * Checks a definition, every mistake at once.
 * @throws {LandfallError} `usage`, `backfills/job-invalid`
 */
export function parseBackfill(job: unknown): Backfill {
  if (isBackfill(job)) return job
  const result = definition.safeParse(job)
  if (!result.success) {
    const mistakes = result.error.issues.map(({ path, message }) => `${path.join('.') || 'the job'}: ${message}`)
    const { name } = (job ?? {}) as { name?: unknown }
    throw new LandfallError(
      'usage',
      'backfills/job-invalid',
      `${typeof name === 'string' ? `backfill ${name}` : 'the backfill'} is not valid: ${mistakes.join('; ')}`,
      {
        next: 'correct the job; defineBackfill() shows its keys',
        fields: { mistakes },
      },
    )
  }
  const { into, key, map, ...rest } = result.data
  const tables: BackfillTable[] =
    typeof into === 'string'
      ? [{ table: into, key: Array.isArray(key) ? key : null, map: map ?? null }]
      : Object.entries(into).map(([table, rows]) => ({
          table,
          key: (key as Record<string, string[]> | undefined)?.[table] ?? null,
          map: rows,
        }))
  return { ...rest, tables }
}

/** A hash of what decides which rows a record becomes, as far as it can be seen from here: maps, keys and schema. */
export const specHash = ({ tables, schema, onConflict }: Backfill): string =>
  createHash('sha256')
    .update(
      JSON.stringify([tables.map(({ table, key, map }) => [table, key, String(map)]), onConflict, shapeOf(schema)]),
    )
    .digest('hex')

/** A schema as text, with the text of its functions. */
function shapeOf(schema: z.ZodType): string {
  const seen = new Set<unknown>()
  return JSON.stringify(schema, (_key, value: unknown) => {
    if (typeof value === 'function') return value.toString()
    if (typeof value === 'bigint' || value instanceof RegExp) return String(value)
    if (typeof value !== 'object' || value === null) return value
    if (seen.has(value)) return null
    seen.add(value)
    const definition = (value as { _zod?: { def?: unknown } })._zod?.def
    return definition ?? value
  })
}

const isBackfill = (job: unknown): job is Backfill =>
  typeof job === 'object' && job !== null && Array.isArray((job as Backfill).tables) && !('into' in job)

const columnNames = new Map<string, string>()

/** The column that a property goes into where there is no map. */
export const columnOf = (property: string): string => {
  const known = columnNames.get(property)
  if (known !== undefined) return known
  const name = postgres.fromCamel(property)
  if (columnNames.size < 10_000) columnNames.set(property, name)
  return name
}
