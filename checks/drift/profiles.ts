import type { Column } from '../../migrations/catalog/relations.ts'
import type { DomainSettings } from '../settings.ts'
import { drizzle } from './drizzle.ts'
import { pg } from './pg.ts'
import { postgresJs } from './postgres-js.ts'

/**
 * What a driver hands over for a value that is not null: a TypeScript type by name (`string`, `number`, `boolean`,
 * `bigint`, `Date`, `Buffer`, a team's own class), `json` for what `JSON.parse` may give, or `any` where that is not known.
 */
export type DriverType = string

/** What a column arrives as: one value, or an array of any depth of such values. */
export interface Arrival {
  readonly element: DriverType
  readonly array: boolean
}

/** How one driver, with its defaults, turns column types into JavaScript values. */
export interface DriverMapping {
  /** `pg_type.typname` → what arrives; what is not listed arrives as `otherwise`. */
  readonly scalars: Readonly<Record<string, DriverType>>
  readonly otherwise: DriverType
  /** Whether NULL inside an array arrives as null. */
  readonly nullInArrays: boolean
  /** What an array of the type arrives as; `scalars` are those of the mapping, with the team's own on top. */
  arrayOf(column: Column, scalars: Readonly<Record<string, DriverType>>): Arrival
}

/** A driver's mapping with a team's own types on top. */
export interface Profile {
  readonly name: string
  readonly nullInArrays: boolean
  arrival(column: Column): Arrival
  /** True when the team itself said what the type arrives as. */
  overrides(baseType: string): boolean
}

const mappings: Readonly<Record<'postgres' | 'pg' | 'drizzle', DriverMapping>> = { postgres: postgresJs, pg, drizzle }

// People write the names of the SQL standard; pg_type has its own.
const TYPNAME: Readonly<Record<string, string>> = {
  bigint: 'int8',
  bigserial: 'int8',
  serial8: 'int8',
  integer: 'int4',
  int: 'int4',
  serial: 'int4',
  smallint: 'int2',
  decimal: 'numeric',
  real: 'float4',
  'double precision': 'float8',
  boolean: 'bool',
  'character varying': 'varchar',
  char: 'bpchar',
  character: 'bpchar',
  timestamp: 'timestamp',
  'timestamp without time zone': 'timestamp',
  'timestamp with time zone': 'timestamptz',
  'time without time zone': 'time',
  'time with time zone': 'timetz',
}

/** The profile that a system's settings name. */
export function profileOf(setting: NonNullable<DomainSettings['profile']>): Profile {
  const name = typeof setting === 'string' ? setting : setting.extends
  const own = Object.entries(typeof setting === 'string' ? {} : setting.types)
  const overrides = Object.fromEntries(own.map(([type, value]) => [TYPNAME[type.toLowerCase()] ?? type, value]))
  const mapping = mappings[name]
  const scalars = { ...mapping.scalars, ...overrides }
  return {
    name,
    nullInArrays: mapping.nullInArrays,
    overrides: (baseType) => baseType in overrides,
    arrival: (column) => {
      if (!column.array) return { element: scalars[column.baseType] ?? mapping.otherwise, array: false }
      const array = overrides[`${column.baseType}[]`] ?? overrides[`_${column.baseType}`] ?? overrides['[]']
      return array === undefined ? mapping.arrayOf(column, scalars) : namedArray(array)
    },
  }
}

const namedArray = (type: DriverType): Arrival =>
  type.endsWith('[]') ? { element: type.slice(0, -2), array: true } : { element: type, array: false }
