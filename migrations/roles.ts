import type { Node } from 'libpg-query'
import type { Migration, Script } from './migration.ts'
import { statementsOf } from './script.ts'

/** Statements about roles; they are the server's, and no copy of a database has its own. */
const ABOUT_ROLES: ReadonlySet<string> = new Set([
  'CreateRoleStmt',
  'DropRoleStmt',
  'AlterRoleStmt',
  'AlterRoleSetStmt',
  'GrantRoleStmt',
  'ReassignOwnedStmt',
  'DropOwnedStmt',
])

/** The same in the text of code, with the name where it is written out. */
const IN_CODE =
  /\b(?:create|drop|alter)\s+(?:role|user|group)\s+(?:if\s+exists\s+)?("[^"]+"|[a-z_][\w$]*)?|\bowned\s+by\b/gi

/** Whether a script makes, drops or changes roles, as far as its text says. */
export async function touchesRoles(script: Script): Promise<boolean> {
  const statements = await statementsOf(script).catch(() => [])
  return statements.some(({ node, sql }) => isAboutRoles(node) || (mayRunCode(node) && sql.search(IN_CODE) !== -1))
}

export async function anyTouchesRoles(migrations: readonly Migration[]): Promise<boolean> {
  for (const { up, down } of migrations)
    if ((await touchesRoles(up)) || (down !== null && (await touchesRoles(down)))) return true
  return false
}

const isAboutRoles = (node: Node): boolean =>
  Object.keys(node).some((kind) => ABOUT_ROLES.has(kind)) ||
  ('RenameStmt' in node && node.RenameStmt.renameType === 'OBJECT_ROLE')

const mayRunCode = (node: Node): boolean => 'DoStmt' in node || 'CreateFunctionStmt' in node
