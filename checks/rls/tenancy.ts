import type { FillableTable, Reference } from '../../migrations/data/tables.ts'
import type { RlsSettings } from '../settings.ts'

/** How it is known whose a table's rows are. */
export type Tenancy =
  /** A column names the tenant; null in it is nobody's. */
  | { readonly kind: 'column'; readonly column: string }
  /** Each row is a tenant: what the tenant columns refer to. */
  | { readonly kind: 'itself'; readonly column: string }
  /** A row is that of the row which it refers to. */
  | { readonly kind: 'through'; readonly reference: Reference }

/** Table, as the catalog names it → its tenancy. A table that is not there belongs to nobody in particular. */
export type Tenancies = ReadonlyMap<string, Tenancy>

/** Finds out whose rows each table holds: from its tenant column, from what refers to it, from what it refers to. */
export function tenanciesOf(tables: readonly FillableTable[], { column, shared }: RlsSettings): Tenancies {
  const considered = tables.filter(({ name }) => !shared.includes(name))
  const tenancies = new Map<string, Tenancy>()
  for (const { qualified, columns } of considered)
    if (columns.some(({ name }) => name === column)) tenancies.set(qualified, { kind: 'column', column })
  for (const { references } of considered) {
    for (const { columns, table, referenced } of references) {
      if (columns.length !== 1 || columns[0] !== column || tenancies.has(table)) continue
      tenancies.set(table, { kind: 'itself', column: referenced[0]! })
    }
  }
  for (let found = true; found;) {
    found = false
    for (const table of considered) {
      if (tenancies.has(table.qualified)) continue
      const paths = table.references.filter((each) => tenancies.has(each.table) && each.table !== table.qualified)
      // What a row cannot do without says more than what it may name as well.
      const reference = paths.find(({ columns }) => columns.every((name) => isNeeded(table, name))) ?? paths[0]
      if (reference === undefined) continue
      tenancies.set(table.qualified, { kind: 'through', reference })
      found = true
    }
  }
  return tenancies
}

const isNeeded = ({ columns }: FillableTable, name: string): boolean =>
  columns.some((column) => column.name === name && column.notNull)

/** The columns that say whose a row is. */
export const tenantColumns = (tenancy: Tenancy): readonly string[] =>
  tenancy.kind === 'through' ? tenancy.reference.columns : [tenancy.column]

/** An SQL expression for the tenant of a row, as text; `row` is the alias of the row. */
export function tenantExpression(tenancies: Tenancies, table: string, row: string): string {
  const tenancy = tenancies.get(table)!
  if (tenancy.kind !== 'through') return `${row}.${quoted(tenancy.column)}::text`
  const { columns, table: to, referenced } = tenancy.reference
  const next = `${row}_`
  const joined = columns.map((column, n) => `${next}.${quoted(referenced[n]!)} = ${row}.${quoted(column)}`)
  return `(select ${tenantExpression(tenancies, to, next)} from ${to} as ${next} where ${joined.join(' and ')} limit 1)`
}

/** An identifier in SQL. */
export const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`
