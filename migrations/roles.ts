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
  /\b(?:create|drop|alter)\s+(?:role|user|group)\s+(?:if\s+(?:not\s+)?exists\s+)?("[^"]+"|[a-z_][\w$]*)?/gi
const OWNED = /\bowned\s+by\b/i

/** Stands for a role whose name is not in the text. */
export const ANY_ROLE = '*'

/** The roles that migrations make, drop or change, as far as their text says; they are the server's, and no database's. */
export async function rolesOf(migrations: readonly Pick<Migration, 'up' | 'down'>[]): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  for (const { up, down } of migrations)
    for (const script of [up, down]) for (const name of script ? await rolesIn(script) : []) names.add(name)
  return names
}

/** Whether two systems cannot be on one server at the same time. */
export const rolesCollide = (a: ReadonlySet<string>, b: ReadonlySet<string>): boolean =>
  a.size > 0 && b.size > 0 && (a.has(ANY_ROLE) || b.has(ANY_ROLE) || [...a].some((name) => b.has(name)))

async function rolesIn(script: Script): Promise<string[]> {
  const statements = await statementsOf(script).catch(() => [])
  return statements.flatMap(({ node, sql }) => (mayRunCode(node) ? rolesInCode(sql) : rolesInStatement(node)))
}

function rolesInStatement(node: Node): string[] {
  if ('CreateRoleStmt' in node) return [node.CreateRoleStmt.role ?? ANY_ROLE]
  if ('RenameStmt' in node && node.RenameStmt.renameType === 'OBJECT_ROLE')
    return [node.RenameStmt.subname ?? ANY_ROLE, node.RenameStmt.newname ?? ANY_ROLE]
  if ('CommentStmt' in node && node.CommentStmt.objtype === 'OBJECT_ROLE') {
    const { object } = node.CommentStmt
    return [(object && 'String' in object && object.String.sval) || ANY_ROLE]
  }
  if (!Object.keys(node).some((kind) => ABOUT_ROLES.has(kind))) return []
  const names = named(node)
  return names.length === 0 ? [ANY_ROLE] : names
}

/** Every `RoleSpec` of a statement: `rolename`, or who is connected. */
function named(node: unknown): string[] {
  if (node === null || typeof node !== 'object') return []
  const own = 'rolename' in node && typeof node.rolename === 'string' ? [node.rolename] : []
  return [...own, ...Object.values(node).flatMap(named)]
}

function rolesInCode(sql: string): string[] {
  const found = [...sql.matchAll(IN_CODE)].map(([, name]) =>
    name === undefined ? ANY_ROLE : name.startsWith('"') ? name.slice(1, -1) : name.toLowerCase(),
  )
  return found.length === 0 && OWNED.test(sql) ? [ANY_ROLE] : found
}

const mayRunCode = (node: Node): boolean => 'DoStmt' in node || 'CreateFunctionStmt' in node
