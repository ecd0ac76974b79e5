import { z } from 'zod'
import { rules } from './rules.ts'

const families = new Set(Object.keys(rules).map((rule) => rule.split('/')[0]))

/** A rule that is misspelt would be switched off in vain. Slugs of other families are a team's own. */
const ruleName = z
  .string()
  .refine((rule) => rule in rules || !families.has(rule.split('/')[0]), 'landfall has no such rule')

/** Severity of a rule in the config. */
export const ruleSettings = z.record(ruleName, z.enum(['off', 'info', 'warning', 'error']))
export type RuleSettings = z.output<typeof ruleSettings>

const profileName = z.enum(['postgres', 'pg', 'drizzle'])
const oneOrMore = z.union([z.string().min(1), z.array(z.string().min(1)).min(1)], {
  error: 'expected a file, a glob, or a list of them',
})

const detailed = z.strictObject({
  /** Globs of the files that hold the domain's types, relative to the config file. */
  files: oneOrMore,
  tsconfig: z.string().optional(),
  /**
   * The driver that reads the rows: its types, with a team's own on top (`{ int8: 'number' }`; `'[]'` is every array).
   * Without it, the one that the code opens, else the one that the package depends on.
   */
  profile: z
    .union([profileName, z.strictObject({ extends: profileName, types: z.record(z.string(), z.string()) })])
    .optional(),
  /**
   * Column → property: by the driver's own function, or the names as they are. Without it, as the client that the code opens
   * transforms them, else `camel`.
   */
  names: z.enum(['camel', 'pascal', 'kebab', 'none']).optional(),
  /** Type → table; `false`: this type stands for no table. */
  types: z
    .record(
      z.string(),
      z.union([
        z.string(),
        z.literal(false),
        z.strictObject({
          table: z.string(),
          shape: z.enum(['row', 'projection', 'insert', 'update', 'join']).default('row'),
        }),
      ]),
    )
    .default({}),
  /** `false`: this table deliberately has no type. */
  tables: z.record(z.string(), z.literal(false)).default({}),
  ids: z.enum(['plain', 'brand']).default('plain'),
})

/** The `domain` key of a system: a file or glob, several, or their details. */
export const domainSettings = z
  .union([oneOrMore, detailed], {
    error: 'expected a file, a glob, a list of them, or { files, tsconfig, profile, names, types, tables, ids }',
  })
  .transform((value) => detailed.parse(typeof value === 'string' || Array.isArray(value) ? { files: value } : value))
export type DomainSettings = z.output<typeof domainSettings>

/** The `parity` key of a system: globs of its `*.parity.ts`, relative to the config file. */
export const paritySettings = z
  .union([z.string().min(1), z.array(z.string().min(1)).min(1)])
  .transform((value) => [value].flat())

/** The `rls` key of a system: who is to be kept apart, and how a session says whose rows it works on. */
export const rlsSettings = z.strictObject({
  /** The role that the application works as: neither owner nor superuser. */
  role: z.string().min(1),
  /** Two ids as the tenant column holds them; rows are made for both. */
  tenants: z
    .tuple([z.string().min(1), z.string().min(1)])
    .refine(([a, b]) => a !== b, 'expected two different tenants'),
  /** One statement with the tenant as `$1`, run within a transaction. */
  setTenant: z.string().refine((statement) => /\$1\b/.test(statement), 'expected $1 in it, for the tenant'),
  /** The column that names the tenant, in every table that has one. */
  column: z.string().min(1).default('tenant_id'),
  /** Tables whose rows are for all tenants. */
  shared: z.array(z.string().min(1)).default([]),
})
export type RlsSettings = z.output<typeof rlsSettings>
