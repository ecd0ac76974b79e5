import { z } from 'zod'
import { backfillsSettings } from '../backfills/settings.ts'
import { BASELINE_FILE } from '../checks/baseline.ts'
import { domainSettings, paritySettings, rlsSettings, ruleSettings } from '../checks/settings.ts'
import { migrationsSettings, postgresSettings } from '../migrations/settings.ts'

const shared = {
  postgres: postgresSettings.prefault({}),
  /** Accepted findings, relative to the config file. */
  baseline: z.string().min(1).default(BASELINE_FILE),
  rules: ruleSettings.default({}),
}

const system = {
  migrations: migrationsSettings,
  domain: domainSettings.optional(),
  backfills: backfillsSettings.optional(),
  rls: rlsSettings.optional(),
  /** The migrations have to run on SQLite as well, and to make the same there. */
  portable: z.boolean().default(false),
  parity: paritySettings.optional(),
  /** Globs of the team's own checks, relative to the config file. */
  checks: z.array(z.string().min(1)).default([]),
}

const systemName = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,62}$/, 'a system is named in lower case, with digits, "-" and "_"')

const many = z.strictObject({
  ...shared,
  systems: z
    .record(systemName, z.strictObject(system))
    .refine((systems) => Object.keys(systems).length > 0, 'name at least one system'),
})
const single = z
  .strictObject({ ...shared, ...system })
  .transform(({ postgres, baseline, rules, ...app }) => ({ postgres, baseline, rules, systems: { app } }))

/** What `landfall.config.ts` exports: several systems, or the keys of one at the top level (its name is `app`). */
export type LandfallConfig = z.input<typeof many> | z.input<typeof single>

/** The parsed configuration: every default filled in, every system named. */
export type ParsedConfig = z.output<typeof many>
export type SystemSettings = ParsedConfig['systems'][string]

/** Gives editors the types of the configuration; a plain object works too. */
export const defineConfig = (config: LandfallConfig): LandfallConfig => config

/** Parses what a config file exports; all mistakes come together, each with its path. */
export function parseConfig(value: unknown): z.ZodSafeParseResult<ParsedConfig> {
  const hasSystems = typeof value === 'object' && value !== null && 'systems' in value
  return (hasSystems ? many : single).safeParse(value)
}
