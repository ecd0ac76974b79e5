import type { ts as TypeScript } from 'ts-morph'
import type { TsType } from '../../type-model.ts'
import type { Reader } from '../reader.ts'
import type { Modules } from './modules.ts'

/** What reads types by their text: a closed grammar, which throws `NotPlain` for what it does not know. */
export interface Plain extends Pick<Reader, 'ts' | 'root'> {
  readonly modules: Modules
  /** The structure of a written type, as `toTsType` gives it. `within` are the types that it stands in. */
  readonly typeOf: (written: TypeScript.TypeNode, within?: readonly string[]) => TsType
}
