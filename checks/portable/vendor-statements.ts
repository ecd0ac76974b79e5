/** What may be said in both databases, as PostgreSQL's parser names it. */
export const PORTABLE_STATEMENTS: ReadonlySet<string> = new Set([
  'CreateStmt',
  'IndexStmt',
  'AlterTableStmt',
  'RenameStmt',
  'DropStmt',
  'ViewStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'SelectStmt',
  'TransactionStmt',
])

/** What SQLite alters in a table that is there. */
export const PORTABLE_CHANGES: ReadonlySet<string> = new Set(['AT_AddColumn', 'AT_DropColumn'])

/** What can be dropped and renamed in both. */
export const PORTABLE_OBJECTS: ReadonlySet<string> = new Set(['OBJECT_TABLE', 'OBJECT_INDEX', 'OBJECT_VIEW'])
export const RENAMED_OBJECTS: ReadonlySet<string> = new Set(['OBJECT_TABLE', 'OBJECT_COLUMN'])

/** Statement → its name, and what to do instead. */
const OTHERS: Readonly<Record<string, readonly [string, string]>> = {
  CreateSchemaStmt: [
    'create schema',
    'leave it out: landfall makes the schema that migrations.schema of the config names',
  ],
  CommentStmt: ['comment on', 'write an SQL comment: -- …'],
  CreateExtensionStmt: ['create extension', 'leave it out; extensions are PostgreSQL’s own'],
  CreateEnumStmt: ['create type', 'write text with check (… in (…))'],
  CreateDomainStmt: ['create domain', 'write the type and its check at each column'],
  CompositeTypeStmt: ['create type', 'write a table, or JSON as text'],
  CreateFunctionStmt: ['create function', 'do it in the application'],
  CreateTrigStmt: ['create trigger', 'do it in the application: bodies of triggers are written in different languages'],
  CreateSeqStmt: ['create sequence', 'let the application make ids'],
  CreateTableAsStmt: ['create materialized view', 'write a view'],
  CreatePolicyStmt: ['create policy', 'leave it out; SQLite has one user'],
  GrantStmt: ['grant', 'leave it out; SQLite has one user'],
  CreateRoleStmt: ['create role', 'leave it out; SQLite has one user'],
  DoStmt: ['do', 'write the statements themselves'],
  TruncateStmt: ['truncate', 'write delete from'],
  VariableSetStmt: ['set', 'leave it out'],
  LockStmt: ['lock table', 'leave it out'],
}

/** `CreateStatsStmt` → what it is called, and what to do instead. */
export const otherStatement = (kind: string): readonly [string, string] =>
  OTHERS[kind] ?? [
    kind
      .replace(/Stmt$/, '')
      .replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')
      .toLowerCase(),
    'leave it out, or do it in the application',
  ]

/** Functions that both databases have, with the same results. */
export const PORTABLE_FUNCTIONS: ReadonlySet<string> = new Set(
  'abs avg coalesce count length lower ltrim max min nullif replace round row_number rtrim btrim substr sum upper'.split(
    ' ',
  ),
)
