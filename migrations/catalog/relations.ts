import { objectKey, type Catalog, type CatalogObject } from './catalog.ts'

/** A column as `pg_attribute` and the chain of its types describe it. */
export interface Column {
  readonly name: string
  /** From 1, dropped columns not counted. */
  readonly position: number
  /** `format_type`: `character varying(80)`, `integer[]`, `public.mood`. */
  readonly type: string
  /** `pg_type.typname` of the innermost type, domains and array unwrapped: `int8`, `text`, `mood`. */
  readonly baseType: string
  /** Of that innermost type: b(ase), e(num), c(omposite) or r(ange) made by the migrations. */
  readonly baseKind: string
  /** True for an array, of a domain or of anything else. */
  readonly array: boolean
  /** The domain that the column (or its element) is declared with, outermost, `schema.name`; else null. */
  readonly domain: string | null
  /** The CHECKs of the domains of its chain. */
  readonly domainChecks: readonly DomainCheck[]
  /** Labels of an enum in order, else null. */
  readonly enumLabels: readonly string[] | null
  /** NOT NULL on the column, or on any domain of its chain. */
  readonly notNull: boolean
  /** `pg_get_expr` of the default, or of the generation expression; else null. */
  readonly default: string | null
  /** `a` GENERATED ALWAYS AS IDENTITY, `d` BY DEFAULT, else ''. */
  readonly identity: '' | 'a' | 'd'
  /** `s` stored, `v` virtual generated column, else ''. */
  readonly generated: '' | 's' | 'v'
}

/** A CHECK of a domain that a column is declared with. */
export interface DomainCheck {
  /** `schema.name`. */
  readonly domain: string
  readonly name: string
  /** `pg_get_constraintdef`; the value is called VALUE. */
  readonly definition: string
  readonly validated: boolean
  /** True when the column is an array and the domain that of its elements. */
  readonly ofElements: boolean
}

/** A constraint as `pg_constraint` has it. */
export interface Constraint {
  readonly name: string
  /** p(rimary key), u(nique), f(oreign key), c(heck), x (exclusion), n(ot null). */
  readonly type: string
  readonly columns: readonly string[]
  /** For foreign keys: `schema.table` and its columns, by position. */
  readonly references: { readonly relation: string; readonly columns: readonly string[] } | null
  /** `pg_get_constraintdef`. */
  readonly definition: string
  readonly validated: boolean
}

/** A table, view, materialized view, partitioned or foreign table with its columns in order. */
export interface Relation {
  readonly schema: string
  readonly name: string
  /** `schema.name`, the name of its object in the catalog. */
  readonly qualified: string
  readonly kind: 'table' | 'view' | 'materialized view' | 'foreign table'
  /** True for a partition: its rows are those of its parent. */
  readonly partition: boolean
  /** `pg_get_viewdef` of a view, everything in it schema-qualified; else null. */
  readonly query: string | null
  readonly columns: readonly Column[]
  readonly constraints: readonly Constraint[]
}

const RELATION_KINDS: ReadonlySet<string> = new Set(['table', 'view', 'materialized view', 'foreign table'])

/** The relations of a catalog as tables are thought of: columns and constraints in place, types unwrapped. */
export function relationsOf(catalog: Catalog): Relation[] {
  const parts = Map.groupBy(catalog.objects, ({ relation }) => relation)
  const named = new Map(catalog.objects.map((object) => [objectKey(object), object.definition]))
  return catalog.objects
    .filter(({ kind }) => RELATION_KINDS.has(kind))
    .map((object) => {
      const own = parts.get(object.name) ?? []
      return {
        schema: String(object.definition['schema']),
        name: String(object.definition['name']),
        qualified: object.name,
        kind: object.kind as Relation['kind'],
        partition: (object.definition['partitionBound'] ?? null) !== null,
        query: (object.definition['query'] as string | undefined) ?? null,
        columns: own
          .filter(({ kind }) => kind === 'column')
          .map((column) => toColumn(column, named))
          .toSorted((a, b) => a.position - b.position),
        constraints: own.filter(({ kind }) => kind === 'constraint').map(toConstraint),
      }
    })
}

type Definitions = ReadonlyMap<string, CatalogObject['definition']>

function toColumn({ definition, cosmetic }: CatalogObject, named: Definitions): Column {
  let { element, array, notNull } = definition as { element: string; array: boolean; notNull: boolean }
  let domain: string | null = null
  const domainChecks: DomainCheck[] = []
  for (let next = named.get(`domain ${element}`); next; next = named.get(`domain ${element}`)) {
    domain ??= element
    const of = { domain: element, ofElements: array }
    domainChecks.push(...(next['constraints'] as unknown as DomainCheck[]).map((check) => ({ ...check, ...of })))
    // NOT NULL of a domain holds for a column of it, not for the elements of an array.
    if (!array) notNull ||= next['notNull'] === true
    array ||= next['array'] === true
    element = String(next['element'])
  }
  const labels = named.get(`enum ${element}`)?.['labels'] as readonly string[] | undefined
  const kind = KINDS.find(([name]) => named.has(`${name} ${element}`))?.[1] ?? 'b'
  return {
    name: String(definition['name']),
    position: Number(cosmetic['position']),
    type: String(definition['type']),
    baseType: unquote(element.slice(element.lastIndexOf('.') + 1)),
    baseKind: kind,
    array,
    domain,
    domainChecks: domainChecks.map(({ name, definition: text, validated, domain: of, ofElements }) => ({
      domain: of,
      name,
      definition: text,
      validated,
      ofElements,
    })),
    enumLabels: labels ?? null,
    notNull,
    default: definition['default'] as string | null,
    identity: definition['identity'] as Column['identity'],
    generated: definition['generated'] as Column['generated'],
  }
}

const KINDS = [
  ['enum', 'e'],
  ['composite type', 'c'],
  ['range type', 'r'],
  ['table', 'c'],
] as const

const toConstraint = ({ definition }: CatalogObject): Constraint => ({
  name: String(definition['name']),
  type: String(definition['type']),
  columns: definition['columns'] as string[],
  references: definition['references'] as Constraint['references'],
  definition: String(definition['definition']),
  validated: definition['validated'] === true,
})

const unquote = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name)
