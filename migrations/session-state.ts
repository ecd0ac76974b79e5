import type { ISql } from 'postgres'
import type { Script } from './migration.ts'
import { isEmptyScript, statementsOf } from './script.ts'

/**
 * What a script left changed in its session, in words: `search_path`, `role`, `temporary table x`. Asked after the
 * commit, when SET LOCAL is gone, and before the session is reset. The session is one of the database's owner.
 */
export async function sessionState(sql: ISql): Promise<string[]> {
  const rows = await sql<{ what: string }[]>`
    select name as what from pg_settings where source = 'session' and name not in ('role', 'session_authorization')
    union all select 'role' from pg_database where datname = current_database() and datdba <> current_user::regrole
    union all select 'listening to ' || channel from pg_listening_channels() channel
    union all select 'open cursor ' || name from pg_cursors where is_holdable
    union all select 'temporary relation ' || relname from pg_class
      where relnamespace = pg_my_temp_schema() and relkind in ('r', 'v', 'S')
    union all select 'advisory lock ' || objid from pg_locks
      where locktype = 'advisory' and pid = pg_backend_pid() and database = (select oid from pg_database where datname = current_database())
    order by 1`
  return rows.map(({ what }) => what)
}

/** Statements that only define, by what PostgreSQL's parser calls them. */
const DEFINES: ReadonlySet<string> = new Set([
  'AlterDomainStmt',
  'AlterEnumStmt',
  'AlterFunctionStmt',
  'AlterObjectSchemaStmt',
  'AlterOwnerStmt',
  'AlterPolicyStmt',
  'AlterSeqStmt',
  'AlterTableStmt',
  'CommentStmt',
  'CompositeTypeStmt',
  'CreateDomainStmt',
  'CreateEnumStmt',
  'CreateFunctionStmt',
  'CreatePolicyStmt',
  'CreateSeqStmt',
  'CreateStatsStmt',
  'CreateStmt',
  'CreateTrigStmt',
  'DropStmt',
  'GrantStmt',
  'IndexStmt',
  'RenameStmt',
  'RuleStmt',
  'ViewStmt',
])

/** False when a script can leave nothing in its session: it only defines, and nothing temporary. */
export async function mayLeaveSession(script: Script): Promise<boolean> {
  if (await isEmptyScript(script.sql)) return false
  const statements = await statementsOf(script).catch(() => null)
  return statements === null || statements.some(({ node }) => !DEFINES.has(Object.keys(node)[0]!) || isTemporary(node))
}

const isTemporary = (node: unknown): boolean =>
  node !== null &&
  typeof node === 'object' &&
  Object.entries(node).some(([key, value]) => (key === 'relpersistence' ? value === 't' : isTemporary(value)))
