import type { TsType } from '../../type-model.ts'
import { type Schema, same } from './schema.ts'

export const STRING: TsType = { kind: 'primitive', name: 'string' }
const NUMBER: TsType = { kind: 'primitive', name: 'number' }
const BIGINT: TsType = { kind: 'primitive', name: 'bigint' }
const BOOLEAN: TsType = { kind: 'primitive', name: 'boolean' }
const DATE: TsType = { kind: 'named', name: 'Date' }

export const words = (text: string): readonly string[] => text.split(' ')

/** Schemas of one type, by the name of the function that makes them. */
export const SIMPLE: Readonly<Record<string, Schema>> = Object.fromEntries(
  (
    [
      [
        'string email guid uuid uuidv4 uuidv6 uuidv7 url emoji nanoid cuid cuid2 ulid xid ksuid ipv4 ipv6 cidrv4 cidrv6 base64 base64url e164 jwt',
        STRING,
      ],
      ['number int int32 uint32 float32 float64', NUMBER],
      ['bigint int64 uint64', BIGINT],
      ['boolean', BOOLEAN],
      ['date', DATE],
      ['null', { kind: 'null' }],
      ['unknown', { kind: 'unknown' }],
      ['any', { kind: 'any' }],
      ['json', jsonType([])],
    ] as const
  ).flatMap(([names, type]) => words(names).map((name) => [name, same(type)])),
)

/** By the name of the function in `z.coerce`. */
export const COERCED: Readonly<Record<string, TsType>> = {
  string: STRING,
  number: NUMBER,
  bigint: BIGINT,
  boolean: BOOLEAN,
  date: DATE,
}

/** Zod's `JSONType`, as far down as it does not stand in itself. */
function jsonType(within: readonly ('array' | 'object')[]): TsType {
  const below = (kind: 'array' | 'object', name: string, around: (inner: TsType) => TsType): TsType =>
    within.includes(kind) ? { kind: 'recursive', name } : around(jsonType([...within, kind]))
  return {
    kind: 'union',
    of: [
      { kind: 'null' },
      STRING,
      NUMBER,
      below('array', 'JSONType[]', (of) => ({ kind: 'array', of })),
      below('object', '{ [key: string]: JSONType; }', (index) => ({
        kind: 'object',
        name: null,
        properties: [],
        index,
      })),
      BOOLEAN,
    ],
  }
}
