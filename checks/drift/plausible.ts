import type { Relation } from '../../migrations/catalog/relations.ts'
import { LandfallError } from '../../migrations/error.ts'
import { isStored } from './column-facts.ts'

/**
 * Holds a catalog against what is true of every database: a comparison with nonsense would find everything or nothing.
 * Throws `LandfallError` (usage) naming the table.
 */
export function refuseNonsense(relations: readonly Relation[]): void {
  for (const relation of relations) {
    const names = new Set(relation.columns.map(({ name }) => name))
    const keys = new Set(relation.constraints.filter(({ type }) => type === 'p').flatMap(({ columns }) => columns))
    const strange = relation.constraints.flatMap(({ columns }) => columns).find((name) => !names.has(name))
    const nullable = relation.columns.find(({ name, notNull }) => keys.has(name) && !notNull)
    // From PostgreSQL 18 on each NOT NULL of a column is a constraint too: where some have one, all do.
    const said = relation.constraints.filter(({ type }) => type === 'n').flatMap(({ columns }) => columns)
    const unsaid = relation.columns.find(
      ({ name, notNull, domain }) => notNull && domain === null && said.length > 0 && !said.includes(name),
    )
    const wrong =
      names.size !== relation.columns.length
        ? 'two columns of one name'
        : strange !== undefined
          ? `a constraint on a column ${strange} that it does not have`
          : nullable !== undefined
            ? `a primary key column ${nullable.name} that may be null`
            : isStored(relation) && unsaid !== undefined
              ? `a column ${unsaid.name} that is not null by no constraint`
              : null
    if (wrong === null) continue
    throw new LandfallError(
      'usage',
      'drift-nonsense',
      `drift: the catalog says nonsense: ${relation.qualified} has ${wrong}`,
      {
        next: 'nothing was compared; if the server is an unmodified PostgreSQL 14 to 18, report this as a bug in landfall',
      },
    )
  }
}
