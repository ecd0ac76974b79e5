import type { Node } from 'libpg-query'

type Fields = Readonly<Record<string, unknown>>

const always = (): boolean => true
const concurrent = ({ concurrent: said }: Fields): boolean => said === true

// What PostgreSQL refuses inside a transaction block (SQLSTATE 25001), by the name of the syntax node.
const refusals: Readonly<Record<string, (statement: Fields) => boolean>> = {
  IndexStmt: concurrent,
  DropStmt: concurrent,
  ReindexStmt: ({ kind, params }) => /_(SCHEMA|SYSTEM|DATABASE)$/.test(String(kind)) || saysConcurrently(params),
  AlterTableStmt: ({ cmds }) => partsOf(cmds).some((command) => detachesConcurrently(command)),
  VacuumStmt: ({ is_vacuumcmd: vacuums }) => vacuums === true,
  ClusterStmt: ({ relation }) => relation === undefined,
  CreatedbStmt: always,
  DropdbStmt: always,
  CreateTableSpaceStmt: always,
  DropTableSpaceStmt: always,
  AlterSystemStmt: always,
}

/** Whether PostgreSQL runs a statement outside a transaction alone: `CREATE INDEX CONCURRENTLY` and its kin. */
export const refusesTransaction = (node: Node): boolean =>
  Object.entries(node).some(([name, statement]) => refusals[name]?.(statement as Fields) ?? false)

const saysConcurrently = (params: unknown): boolean =>
  partsOf(params).some((param) => (param['DefElem'] as Fields | undefined)?.['defname'] === 'concurrently')

function detachesConcurrently(command: Fields): boolean {
  const { subtype, def } = (command['AlterTableCmd'] ?? {}) as { subtype?: string; def?: { PartitionCmd?: Fields } }
  return subtype === 'AT_DetachPartition' && def?.PartitionCmd?.['concurrent'] === true
}

const partsOf = (list: unknown): readonly Fields[] => (Array.isArray(list) ? (list as Fields[]) : [])
