import { type TsType, valueArms } from './type-model.ts'

const NOT_JSON: ReadonlySet<string> = new Set([
  'Date',
  'Map',
  'Set',
  'ReadonlyMap',
  'ReadonlySet',
  'WeakMap',
  'WeakSet',
  'Buffer',
  'Uint8Array',
  'ArrayBuffer',
  'Blob',
  'RegExp',
  'Promise',
  'URL',
  'Error',
])

/**
 * What in a type can never come out of `JSON.parse`, as words (`settings.since is Date`), else null. A union passes when
 * one of its arms does; what is not known passes.
 */
export function jsonTrouble(type: TsType, path: string): string | null {
  const arms = valueArms(type)
  const troubles = arms.map((arm) => armTrouble(arm, path))
  return arms.length > 0 && troubles.every((trouble) => trouble !== null) ? troubles[0]! : null
}

function armTrouble(arm: TsType, path: string): string | null {
  if (arm.kind === 'named') return NOT_JSON.has(arm.name) ? `${path} is ${arm.name}` : null
  if (arm.kind === 'primitive') return arm.name === 'bigint' || arm.name === 'symbol' ? `${path} is ${arm.name}` : null
  if (arm.kind === 'function') return `${path} is a function`
  if (arm.kind === 'brand') return armTrouble(arm.of, path)
  if (arm.kind === 'array') return jsonTrouble(arm.of, `${path}[]`)
  if (arm.kind === 'tuple') return firstTrouble(arm.of.map((one, index) => jsonTrouble(one, `${path}[${index}]`)))
  if (arm.kind !== 'object') return null
  const members = arm.properties
    .filter(({ optional }) => !optional)
    .concat(arm.properties.filter(({ optional }) => optional))
    .map(({ name, type }) => jsonTrouble(type, `${path}.${name}`))
  return firstTrouble([...members, arm.index === null ? null : jsonTrouble(arm.index, `${path}[key]`)])
}

const firstTrouble = (troubles: readonly (string | null)[]): string | null =>
  troubles.find((trouble) => trouble !== null) ?? null
