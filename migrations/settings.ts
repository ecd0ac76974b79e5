import { z } from 'zod'

/** Where fresh servers come from; the `postgres` key of the config. */
export const postgresSettings = z.strictObject({
  provider: z.enum(['auto', 'testcontainers', 'embedded', 'server']).default('auto'),
  image: z
    .string()
    .regex(/^[\w][\w./:@-]*$/, 'must be a Docker image, for example postgres:18')
    .default('postgres:18'),
})
export type PostgresSettings = z.output<typeof postgresSettings>

/** How migrations are laid out in their directory; found out when not configured. */
export const layoutNames = [
  'pair',
  'directory',
  'dbmate',
  'goose',
  'sql-migrate',
  'flyway',
  'node-pg-migrate',
  'popx',
] as const
export type LayoutName = (typeof layoutNames)[number]

const detailed = z.strictObject({
  /** Directory of the migrations, relative to the config file. */
  dir: z.string().min(1),
  layout: z.enum(layoutNames).optional(),
  /** Globs of files to leave out, relative to `dir`. */
  exclude: z.array(z.string()).default([]),
  /** Values of the variables that scripts name: goose's `ENVSUB`, Flyway's placeholders. */
  variables: z.record(z.string(), z.string()).default({}),
  /** A file of idempotent SQL, run before the migrations as superuser. */
  prelude: z.string().optional(),
  /** Created if missing; first in the search_path of migrations, checks and jobs. */
  schema: z
    .string()
    .regex(/^[a-z_][a-z0-9_]{0,62}$/, 'must be a plain lower-case PostgreSQL identifier')
    .default('public'),
})

/** The `migrations` key of a system: a directory, or its details. */
export const migrationsSettings = z
  .union([z.string().min(1), detailed], {
    error: 'expected a directory, or { dir, layout, exclude, variables, prelude, schema }',
  })
  .transform((value) => detailed.parse(typeof value === 'string' ? { dir: value } : value))
export type MigrationsSettings = z.output<typeof migrationsSettings>
