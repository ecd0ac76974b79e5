/** A JSON value. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json }

/**
 * One database object, addressed by name and free of OIDs. Two objects with equal `definition` are identical;
 * what differs in `cosmetic` alone (column order, generated constraint names) is a warning.
 */
export interface CatalogObject {
  /** `table`, `column`, `index`, …: the names of the files in `catalog/sql/`. */
  readonly kind: string
  /** Qualified name: `schema.table.column`; parts are quoted as PostgreSQL's `quote_ident` does. */
  readonly name: string
  /** The relation that this object belongs to, `schema.table`, or null. */
  readonly relation: string | null
  readonly definition: { readonly [key: string]: Json }
  readonly cosmetic: { readonly [key: string]: Json }
}

/** What a database really contains, read from `pg_catalog`; sorted by kind, then name. */
export interface Catalog {
  readonly objects: readonly CatalogObject[]
}

/** The key of an object in maps and reports: `column public.tasks.title`. */
export const objectKey = ({ kind, name }: Pick<CatalogObject, 'kind' | 'name'>): string => `${kind} ${name}`
