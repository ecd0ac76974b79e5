import { objectKey, type CatalogObject, type Json } from '../migrations/catalog/catalog.ts'
import type { CatalogDifference } from '../migrations/catalog/compare.ts'
import { repairStatements } from '../migrations/catalog/repair.ts'
import type { Location } from '../migrations/error.ts'
import type { ReportedFinding } from './finding.ts'

/** What a live database has other than its migrations, with the SQL that makes it as they do. */
export function liveFinding(
  difference: CatalogDifference,
  expected: readonly CatalogObject[],
  origins: ReadonlyMap<string, Location>,
): ReportedFinding {
  const { kind, name, change, fields, expected: wanted, actual } = difference
  const privileges = change === 'changed' && fields.length === 1 && fields[0] === 'privileges'
  const foreign = privileges && grantees(wanted, actual).every((role) => !isNamed(role, expected))
  return {
    rule: privileges ? 'drift/live-privileges' : RULES[change],
    message: `${kind} ${name} ${privileges ? granted(wanted, actual) : SAID[change](difference)}`,
    object: name,
    location: origins.get(objectKey(wanted ?? actual!)) ?? null,
    fix: { sql: repairStatements([difference], expected).join('\n') || null },
    identity: [kind, ...fields.toSorted()],
    // A role that no migration knows belongs to this environment.
    ...(foreign ? { severity: 'info' } : {}),
  }
}

const RULES = {
  missing: 'drift/live-missing',
  extra: 'drift/live-extra',
  changed: 'drift/live-different',
  renamed: 'drift/live-different',
} as const

const SAID: Readonly<Record<CatalogDifference['change'], (difference: CatalogDifference) => string>> = {
  missing: () => 'is not in the live database',
  extra: () => 'is in the live database, and no migration makes it',
  renamed: ({ actual }) => `is called ${actual!.name} in the live database`,
  changed: ({ fields, expected, actual }) =>
    `differs: ${fields.map((field) => `${field} is ${shown(actual!.definition[field])}, and ${shown(expected!.definition[field])} by its migrations`).join('; ')}`,
}

const shown = (value: Json | undefined): string => {
  const text = typeof value === 'string' ? value : JSON.stringify(value ?? null)
  return text.length > 80 ? `${text.slice(0, 79)}…` : text || 'empty'
}

const entries = (object: CatalogObject | null): string[] => (object?.definition['privileges'] ?? []) as string[]

/** What one side has and the other has not, as sentences: `bi SELECT`. */
function sides(wanted: CatalogObject | null, actual: CatalogObject | null): { more: string[]; less: string[] } {
  const [before, after] = [entries(wanted), entries(actual)]
  return { more: after.filter((one) => !before.includes(one)), less: before.filter((one) => !after.includes(one)) }
}

function granted(wanted: CatalogObject | null, actual: CatalogObject | null): string {
  const { more, less } = sides(wanted, actual)
  const said = [more.length > 0 && `grants ${more.join(', ')}`, less.length > 0 && `lacks the grant ${less.join(', ')}`]
  return `${said.filter(Boolean).join(' and ')} in the live database`
}

function grantees(wanted: CatalogObject | null, actual: CatalogObject | null): string[] {
  const { more, less } = sides(wanted, actual)
  return [...more, ...less].map((entry) => /^("(?:[^"]|"")*"|\S+) /.exec(entry)?.[1] ?? entry)
}

const isNamed = (role: string, expected: readonly CatalogObject[]): boolean =>
  role === 'PUBLIC' || expected.some((object) => entries(object).some((entry) => entry.startsWith(`${role} `)))
