import { z } from 'zod'

const location = z.object({
  /** Relative to the config file. */
  file: z.string(),
  /** From 1. */
  line: z.number().int().nullable(),
  column: z.number().int().nullable(),
})

const coverage = z.object({ checked: z.number().int(), unchecked: z.number().int() })

const migration = z.object({
  version: z.string(),
  name: z.string(),
  file: z.string(),
  downFile: z.string().nullable(),
  /** `failed`: the up failed, or the down failed or is not its inverse. `skipped`: never reached, or it has no down script. */
  state: z.enum(['proven', 'irreversible', 'failed', 'skipped']),
  /** True exactly for what the branch adds; null without a base. */
  isNew: z.boolean().nullable(),
  /** False when the up script says `no-transaction`. */
  transaction: z.boolean(),
  /** Milliseconds of the up on the linear database; null when it did not run. */
  upMs: z.number().nullable(),
  downMs: z.number().nullable(),
  /** Null when nothing was established: no down script, or a failed up. */
  reversible: z.boolean().nullable(),
  difference: z.enum(['none', 'cosmetic', 'schema']).nullable(),
  dataPreserved: z.boolean().nullable(),
  locks: z.array(
    z.object({
      table: z.string(),
      mode: z.string(),
      blocks: z.enum(['none', 'writes', 'reads-and-writes']),
      heldMs: z.number(),
    }),
  ),
  /** Tables that were rewritten. */
  rewrites: z.array(z.string()),
})

const backfill = z.object({
  name: z.string(),
  read: z.number().int(),
  written: z.number().int(),
  existing: z.number().int(),
  rejected: z.number().int(),
  verified: z.boolean().nullable(),
  rolledBack: z.boolean().nullable(),
  durationMs: z.number(),
})

const finding = z.object({
  rule: z.string(),
  severity: z.enum(['error', 'warning', 'info']),
  check: z.string(),
  system: z.string(),
  message: z.string(),
  why: z.string().nullable(),
  /** `schema.table.column`. */
  object: z.string().nullable(),
  location: location.nullable(),
  /** The other end: TypeScript ↔ SQL. */
  other: location.nullable(),
  fix: z.object({ typescript: z.string().nullable(), sql: z.string().nullable() }),
  /** Stable identity: no lines, no file names. */
  fingerprint: z.string(),
  isNew: z.boolean().nullable(),
})

const check = z.object({
  /** The name of the check: the file's name without `.check.ts`. */
  check: z.string(),
  system: z.string(),
  file: z.string(),
  /** The sentence given to `check()`. */
  name: z.string(),
  state: z.enum(['pass', 'fail', 'skip']),
  durationMs: z.number(),
  /** What was thrown, or, for `skip`, the reason. */
  errors: z.array(z.object({ message: z.string(), location: location.nullable() })),
})

const system = z.object({
  name: z.string(),
  migrations: z.array(migration),
  drift: z.object({ types: coverage, tables: coverage, columns: coverage }).nullable(),
  backfills: z.array(backfill),
})

/**
 * `report.json`, schema 1: the machine truth that every other format is rendered from. Unknown values are
 * `null`; keys that a later version adds are passed over.
 */
export const reportSchema = z.object({
  schema: z.literal(1),
  tool: z.object({ name: z.literal('landfall'), version: z.string() }),
  /** `gate`, `check drift`, `backfill run`, … */
  command: z.string(),
  verdict: z.enum(['pass', 'fail', 'error']),
  exitCode: z.number().int(),
  /** ISO 8601, UTC. */
  startedAt: z.string(),
  durationMs: z.number(),
  /** The fresh server, and why that provider; null when none was started. */
  postgres: z.object({ version: z.string(), provider: z.string(), reason: z.string() }).nullable(),
  systems: z.array(system),
  findings: z.array(finding),
  checks: z.array(check),
})

export type Report = z.output<typeof reportSchema>
export type SystemReport = z.output<typeof system>
export type MigrationReport = z.output<typeof migration>
export type BackfillReport = z.output<typeof backfill>
export type CheckReport = z.output<typeof check>
