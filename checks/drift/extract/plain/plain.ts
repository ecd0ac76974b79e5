import type { ts as TypeScript } from 'ts-morph'
import type { TsType } from '../../type-model.ts'
import type { Reader } from '../reader.ts'
import type { Modules } from './modules.ts'
import { plainly } from './not-plain.ts'
import type { Schema } from './schema.ts'

/** What reads types by their text: a closed grammar, which throws `NotPlain` for what it does not know. */
export interface Plain extends Pick<Reader, 'ts' | 'root'> {
  readonly modules: Modules
  /** The structure of a written type, as `toTsType` gives it. `within` are the types that it stands in. */
  readonly typeOf: (written: TypeScript.TypeNode, within?: readonly string[]) => TsType
  /** The schema that an expression makes, where `plain` stands. */
  readonly schemaOf: (plain: Plain, node: TypeScript.Expression) => Schema
  /** What the parameters of the function stand for that is read; null for what no schema can be. */
  readonly bound: ReadonlyMap<string, Written | null>
}

/** An expression, and what its names mean. */
export interface Written {
  readonly plain: Plain
  readonly node: TypeScript.Expression
}

/** What a name stands for that is no function: an argument, or the value of a constant. */
export function valueOf(plain: Plain, name: TypeScript.Identifier): Written {
  const { ts, modules, bound } = plain
  const argument = bound.get(name.text)
  plainly(argument !== null)
  if (argument !== undefined) return argument
  const found = modules.declared(name, name.text)?.filter((node) => ts.isVariableDeclaration(node)) ?? []
  const [declaration] = found
  plainly(found.length === 1 && declaration!.type === undefined && declaration!.initializer !== undefined)
  return { plain: { ...plain, bound: new Map() }, node: declaration!.initializer }
}
