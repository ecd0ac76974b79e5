import { LandfallError } from '../../migrations/error.ts'
import { importDefault, located, teamFiles, type TeamModule } from '../../migrations/team-module.ts'
import { parseParity, type Parity } from './define.ts'
import { tryParity, type ParityFact, type TryParityOptions } from './try-parity.ts'

const parityFile: TeamModule = {
  family: 'parity',
  kind: 'parity',
  example: 'export default defineParity({ implementations, operations })',
}

export interface TryFilesOptions extends Omit<TryParityOptions, 'parity'> {
  /** The directory of the config file. */
  readonly root: string
  /** Relative to `root`. */
  readonly globs: readonly string[]
}

/**
 * Tries every parity file, in the order of their names.
 * @throws {LandfallError} `usage`: no file, or a file that cannot be used, which it names
 */
export async function tryParityFiles({ root, globs, ...options }: TryFilesOptions): Promise<ParityFact[]> {
  const loaded: { file: string; parity: Parity }[] = []
  for (const file of await teamFiles(root, globs, parityFile))
    loaded.push({ file, parity: await importDefault(root, file, parityFile, parseParity) })
  const facts: ParityFact[] = []
  for (const { file, parity } of loaded) {
    try {
      facts.push({ file, ...(await tryParity({ ...options, parity })) })
    } catch (error) {
      throw error instanceof LandfallError && error.kind === 'usage' ? located(error, file) : error
    }
  }
  return facts
}

/**
 * The line where an operation is written; where its name was put together, that of its repository (`missions:`); else
 * where the parity begins. From 1.
 */
export function lineOfOperation(text: string, operation: string): number {
  const repository = operation.split('.').at(-2) ?? operation
  const list = Math.max(0, text.indexOf('operations:'))
  const places = [
    ...[`'${operation}'`, `"${operation}"`, `\`${operation}\``].map((written) => text.indexOf(written)),
    text.indexOf(`${operation}:`, list),
    text.indexOf(`${repository}:`),
    text.indexOf('export default'),
  ]
  return text.slice(0, places.find((place) => place >= 0) ?? 0).split('\n').length
}
