import type { Node } from 'libpg-query'
import type { Script } from './migration.ts'
import { statementsOf } from './script.ts'

/** Whether a script makes and drops indexes, and does nothing else; an empty one does not. */
export async function onlyIndexes(script: Script): Promise<boolean> {
  const statements = await statementsOf(script).catch(() => [])
  return statements.length > 0 && statements.every(({ node }) => isOfIndex(node))
}

const isOfIndex = (node: Node): boolean =>
  'IndexStmt' in node || ('DropStmt' in node && node.DropStmt.removeType === 'OBJECT_INDEX')
