import type { Column } from '../../migrations/catalog/relations.ts'
import type { DriverMapping } from './profiles.ts'

/** An array whose elements are declared with a domain, as against a domain over an array. */
export const isArrayOfDomain = ({ array, domain, type }: Column): boolean =>
  array && domain !== null && type.endsWith('[]')

/** `int2vector` and `oidvector`: arrays to the catalog, text to every driver. */
export const isVector = ({ array, domain, type }: Column): boolean => array && domain === null && !type.endsWith('[]')

/**
 * `postgres` 3.4 with its defaults: only these types have a parser, all others arrive as the text that PostgreSQL sends.
 * A domain arrives as its base type does; an array of a domain has no element parser and arrives as `string[]`.
 */
export const postgresJs: DriverMapping = {
  scalars: {
    int2: 'number',
    int4: 'number',
    oid: 'number',
    float4: 'number',
    float8: 'number',
    bool: 'boolean',
    json: 'json',
    jsonb: 'json',
    date: 'Date',
    timestamp: 'Date',
    timestamptz: 'Date',
    bytea: 'Buffer',
  },
  otherwise: 'string',
  // NULL in an array arrives as "NULL", NaN, false or an invalid date, or it throws; never as null.
  nullInArrays: false,
  arrayOf: (column, scalars) => ({
    element: isArrayOfDomain(column) || isVector(column) ? 'string' : (scalars[column.baseType] ?? 'string'),
    array: !isVector(column),
  }),
}
