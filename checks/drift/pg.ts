import { isArrayOfDomain, isVector } from './postgres-js.ts'
import type { DriverMapping, DriverType } from './profiles.ts'

// The arrays that pg-types 2.2 parses, by element; any other array arrives as its text, '{a,b}'.
const ARRAYS: Readonly<Record<string, DriverType>> = {
  bool: 'boolean',
  bytea: 'Buffer',
  int2: 'number',
  int4: 'number',
  oid: 'number',
  int8: 'string',
  point: 'Point',
  float4: 'number',
  float8: 'number',
  numeric: 'number',
  bpchar: 'string',
  varchar: 'string',
  text: 'string',
  regproc: 'string',
  macaddr: 'string',
  inet: 'string',
  cidr: 'string',
  timestamp: 'Date',
  date: 'Date',
  timestamptz: 'Date',
  interval: 'PostgresInterval',
  json: 'json',
  jsonb: 'json',
  numrange: 'string',
  uuid: 'string',
  money: 'string',
  time: 'string',
  timetz: 'string',
}

/** `pg` 8 with pg-types 2.2. */
export const pg: DriverMapping = {
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
    point: 'Point',
    circle: 'Circle',
    interval: 'PostgresInterval',
  },
  otherwise: 'string',
  nullInArrays: true,
  arrayOf: (column) => {
    const element = isArrayOfDomain(column) || isVector(column) ? undefined : ARRAYS[column.baseType]
    return element === undefined ? { element: 'string', array: false } : { element, array: true }
  },
}
