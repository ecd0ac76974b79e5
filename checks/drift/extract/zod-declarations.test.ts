import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { ts } from 'ts-morph'
import { expect, test } from 'vitest'
import { zodDeclarations } from './zod-declarations.ts'

const directory = fileURLToPath(new URL('v4/', import.meta.resolve('zod/package.json')))
const given = (name: string): string => readFileSync(`${directory}${name}`, 'utf8')
const read = (name: string): string => zodDeclarations(ts, `/app/node_modules/zod/v4/${name}`, given(name))

test("zod's schemas say how their parameters vary, and are otherwise as zod wrote them", () => {
  const schemas = read('classic/schemas.d.ts')
  expect(schemas).not.toBe(given('classic/schemas.d.ts'))
  expect(schemas.replaceAll('out ', '')).toBe(given('classic/schemas.d.ts').replaceAll('out ', ''))
  expect(schemas.match(/interface ZodPipe<.*?>.*/)?.[0]).toBe(
    'interface ZodPipe<out A extends core.SomeType = core.$ZodType, out B extends core.SomeType = core.$ZodType> extends _ZodType<core.$ZodPipeInternals<A, B>>, core.$ZodPipe<A, B> {',
  )
  expect(read('core/schemas.d.ts')).toBe(given('core/schemas.d.ts'))
  expect(read('locales/index.d.ts')).toBe('export {}')
})
