import type { ts as TypeScript } from 'ts-morph'
import type { TsType } from '../../type-model.ts'
import { plainly } from './not-plain.ts'
import { unionOfArms } from './values.ts'

/** What a schema takes, or what it gives. */
export interface Side {
  /** Without the undefined of what may be left out. */
  readonly type: TsType
  readonly optional: boolean
}

/** A schema of zod 4, by the calls that make it. */
export interface Schema {
  readonly input: Side
  readonly output: Side
  /** The properties of an object schema, else null. */
  readonly entries: ReadonlyMap<string, Entry> | null
}

export interface Entry {
  readonly node: TypeScript.PropertyAssignment | TypeScript.ShorthandPropertyAssignment
  readonly schema: Schema
}

/** A schema that gives what it takes. */
export const same = (type: TsType): Schema => {
  const side = { type, optional: false }
  return { input: side, output: side, entries: null }
}

/** A schema around others, none of which may be left out. */
export const around = (parts: readonly Schema[], typeOf: (types: readonly TsType[]) => TsType): Schema => {
  const side = (of: 'input' | 'output'): Side => ({
    optional: false,
    type: typeOf(
      parts.map((part) => {
        plainly(!part[of].optional)
        return part[of].type
      }),
    ),
  })
  return { input: side('input'), output: side('output'), entries: null }
}

/** What takes as the first schema does, and gives as the second. */
export const piped = ({ input }: Schema, { output }: Schema): Schema => ({ input, output, entries: null })

export const nullable = ({ input, output }: Schema): Schema => {
  const side = ({ type, optional: may }: Side): Side => ({ optional: may, type: unionOfArms([{ kind: 'null' }, type]) })
  return { input: side(input), output: side(output), entries: null }
}

export const optional = ({ input, output }: Schema): Schema => ({
  input: { ...input, optional: true },
  output: { ...output, optional: true },
  entries: null,
})

export const arrayOf = (element: Schema): Schema => around([element], ([of]) => ({ kind: 'array', of: of! }))

export function objectOf(entries: ReadonlyMap<string, Entry>): Schema {
  plainly(entries.size > 0)
  const side = (of: 'input' | 'output'): Side => {
    const members = [...entries].map(([name, { schema }]) => ({
      name,
      optional: schema[of].optional,
      type: schema[of].type,
    }))
    // As zod's own types put them: what must be there first.
    const properties = members.toSorted((a, b) => Number(a.optional) - Number(b.optional))
    return { optional: false, type: { kind: 'object', name: null, properties, index: null } }
  }
  return { input: side('input'), output: side('output'), entries }
}

export const ownEntries = ({ entries }: Schema): ReadonlyMap<string, Entry> => {
  plainly(entries !== null)
  return entries
}
