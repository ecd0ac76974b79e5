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
  /** The driver that reads the rows: its types, with a team's own on top (`{ int8: 'number' }`). */
  profile: z
    .union([profileName, z.strictObject({ extends: profileName, types: z.record(z.string(), z.string()) })])
    .default('postgres'),
  /** Column → property: the driver's camel function, or the names as they are. */
  names: z.enum(['camel', 'none']).default('camel'),
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
