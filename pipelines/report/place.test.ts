import { expect, test } from 'vitest'
import { placeText, placeUrl, repositoryPath } from './place.ts'

test('a place is written as editors understand it', () => {
  expect([
    placeText({ file: 'a.sql', line: 3, column: 5 }),
    placeText({ file: 'a.sql', line: 3, column: null }),
    placeText({ file: 'a.sql', line: null, column: null }),
  ]).toEqual(['a.sql:3:5', 'a.sql:3', 'a.sql'])
})

test('a file is named from the root of the repository, or not at all', () => {
  expect([
    repositoryPath('src/a.ts', ''),
    repositoryPath('./src/a.ts', 'services/shop'),
    repositoryPath('../lib/a.ts', 'services/shop'),
    repositoryPath('../../../a.ts', 'services/shop'),
    repositoryPath('/etc/a.ts', 'services/shop'),
    repositoryPath('..a.ts', ''),
  ]).toEqual(['src/a.ts', 'services/shop/src/a.ts', 'services/lib/a.ts', null, null, '..a.ts'])
})

test('a line has an address on GitHub, safe inside a Markdown link', () => {
  const url = 'https://github.com/acme/shop/blob/abc'
  expect([
    placeUrl({ file: 'a b)/c#.sql', line: 3, column: 1 }, '', url),
    placeUrl({ file: 'a.sql', line: null, column: null }, 'x', url),
    placeUrl({ file: '/a.sql', line: 3, column: 1 }, '', url),
    placeUrl({ file: 'a.sql', line: 3, column: 1 }, '', null),
  ]).toEqual([`${url}/a%20b%29/c%23.sql#L3`, `${url}/x/a.sql`, null, null])
})
