import { expect, test } from 'vitest'
import { encodeValue, UnstorableValue, type Encoding } from './encode.ts'

const plain: Encoding = { kind: 'plain', element: 'plain', type: 'text' }
const json: Encoding = { kind: 'json', element: 'plain', type: 'jsonb' }
const list: Encoding = { kind: 'array', element: 'plain', type: 'text[]' }

test.for<[unknown, Encoding, string | null | undefined]>([
  [null, plain, null],
  [undefined, json, undefined],
  ['a\tb\\', plain, 'a\tb\\'],
  [-0, plain, '-0'],
  [1e21, plain, '1e+21'],
  [Number.NaN, plain, 'NaN'],
  [123456789012345678901n, plain, '123456789012345678901'],
  [true, plain, 'true'],
  [new Date('2024-02-29T12:00:00.123Z'), plain, '2024-02-29T12:00:00.123Z'],
  [new Date(Date.UTC(12024, 0, 1)), plain, '12024-01-01T00:00:00.000Z'],
  [new Date('-000043-03-15T00:00:00Z'), plain, '0044-03-15T00:00:00.000Z BC'],
  [Buffer.from([0, 255]), plain, '\\x00ff'],
  ['text', json, '"text"'],
  [{ n: 9007199254740993n, u: undefined }, json, '{"n":9007199254740993}'],
  [[1, null], json, '[1,null]'],
  [['a"b', 'c\\d', null, 'NULL', '', [' x']], list, '{"a\\"b","c\\\\d",NULL,"NULL","",{" x"}}'],
  ['{a,b}', list, '{a,b}'],
  [[{ a: 1 }, 'b'], { kind: 'array', element: 'json', type: 'jsonb[]' }, '{"{\\"a\\":1}","\\"b\\""}'],
])('%o is written as PostgreSQL reads it', ([value, encoding, text]) => {
  expect(encodeValue(value, encoding)).toBe(text)
})

test.for<[unknown, Encoding]>([
  ['\0', plain],
  ['\ud800', plain],
  [{ a: 1 }, plain],
  [[1], plain],
  [new Date(Number.NaN), plain],
  [Symbol('s'), json],
])('%o is refused', ([value, encoding]) => {
  expect(() => encodeValue(value, encoding)).toThrow(UnstorableValue)
})
