import { type Meeting, sqlLiteral } from './judgement.ts'
import { quoted } from './names.ts'
import type { Profile } from './profiles.ts'
import { hasNull, hasUndefined, type Property, type TsType, valueArms } from './type-model.ts'

/** What a type is usually stored as, by the name of `pg_type`: the first that arrives as the type says. */
const STORED: readonly { readonly typname: string; readonly sql: string }[] = [
  { typname: 'text', sql: 'text' },
  { typname: 'int4', sql: 'integer' },
  { typname: 'bool', sql: 'boolean' },
  { typname: 'timestamptz', sql: 'timestamptz' },
  { typname: 'bytea', sql: 'bytea' },
  { typname: 'int8', sql: 'bigint' },
]

/** The column that a property asks for: `note text not null`; null where it cannot be said. */
export function columnFor(property: Property, name: string, profile: Profile): string | null {
  const type = columnTypeFor(property.type, profile)
  if (type === null) return null
  const arms = valueArms(property.type)
  const absent = property.optional || hasNull(property.type) || hasUndefined(property.type)
  const values = arms.flatMap((arm) => (arm.kind === 'literal' ? [arm.value] : []))
  const listed = values.length === arms.length && type !== 'boolean'
  const check = listed ? ` check (${quoted(name)} in (${values.map(sqlLiteral).toSorted().join(', ')}))` : ''
  return `${quoted(name)} ${type}${absent ? '' : ' not null'}${check}`
}

/** The column type whose values arrive as the type says: `text`, `integer[]`; null where none is plain. */
export function columnTypeFor(type: TsType, profile: Profile): string | null {
  const arms = valueArms(type)
  const [first] = arms
  if (first === undefined) return null
  if (first.kind !== 'array' || arms.length > 1) return storedAs(arms, profile)
  const element = storedAs(valueArms(first.of), profile)
  return element === null || element === 'jsonb' ? element : `${element}[]`
}

/** The statement that gives a column the type that its property says; null for keys and what PostgreSQL computes. */
export function retyping({ property, facts, profile, sql }: Meeting): string | null {
  const { column, primaryKey, foreignKey } = facts
  const plain = columnTypeFor(property.type, profile)
  // Fractions are not to be lost.
  const type = plain === 'integer' && FRACTIONS.has(column.baseType) ? 'double precision' : plain
  if (type === null || primaryKey || foreignKey || column.identity !== '' || column.generated !== '') return null
  const alter = `alter column ${sql.column}`
  const default_ = column.default === null ? '' : `${alter} drop default, `
  return `alter table ${sql.table} ${default_}${alter} type ${type} using ${sql.column}::text::${type};`
}

const FRACTIONS: ReadonlySet<string> = new Set(['numeric', 'money', 'float4'])

function storedAs(arms: readonly TsType[], profile: Profile): string | null {
  const names = new Set(arms.map(nameOf))
  if (names.size !== 1) return arms.every(({ kind }) => JSON_KINDS.has(kind)) ? 'jsonb' : null
  const [name] = names
  if (name === 'json') return 'jsonb'
  const column = (baseType: string): Parameters<Profile['arrival']>[0] => ({ ...PLAIN, baseType, type: baseType })
  return STORED.find(({ typname }) => profile.arrival(column(typname)).element === name)?.sql ?? null
}

const JSON_KINDS: ReadonlySet<TsType['kind']> = new Set(['object', 'array', 'tuple', 'unknown', 'recursive'])

function nameOf(arm: TsType): string | null {
  if (arm.kind === 'brand') return nameOf(arm.of)
  if (arm.kind === 'primitive') return arm.name
  if (arm.kind === 'literal') return typeof arm.value
  if (arm.kind === 'template') return 'string'
  if (arm.kind === 'named') return arm.name === 'Uint8Array' ? 'Buffer' : arm.name
  return JSON_KINDS.has(arm.kind) ? 'json' : null
}

const PLAIN = {
  name: '',
  position: 1,
  baseKind: 'b',
  array: false,
  domain: null,
  domainChecks: [],
  enumLabels: null,
  notNull: true,
  default: null,
  identity: '',
  generated: '',
} as const
