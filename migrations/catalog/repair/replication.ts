import { list, named, text, type Statements } from './statements.ts'

const publication: Statements = named('publication', (d) => {
  const tables = (
    d['tables'] as unknown as readonly { table: string; where: string | null; columns: string[] | null }[]
  ).map(
    ({ table, where, columns }) =>
      `table ${table}${columns ? ` (${columns.join(', ')})` : ''}${where ? ` where (${where})` : ''}`,
  )
  const schemas = list(d['schemas']).map((schema) => `tables in schema ${schema}`)
  const targets = [...tables, ...schemas]
  const publish = ['insert', 'update', 'delete', 'truncate'].filter((event) => d[event])
  const scope = d['allTables'] ? 'for all tables ' : targets.length > 0 ? `for ${targets.join(', ')} ` : ''
  return `${scope}with (publish = '${publish.join(', ')}', publish_via_partition_root = ${text(d['viaRoot'])})`
})

/** Logical replication. */
export const replicationStatements: Readonly<Record<string, Statements>> = {
  publication,
  subscription: named('subscription', () => '', {
    // The connection string, which holds a password, is not known here.
    create: ({ name }) => [`-- create subscription ${name}`],
    alter: {
      publications: (e) => [
        `alter subscription ${e.name} set publication ${list(e.definition['publications']).join(', ')} with (refresh = false);`,
      ],
    },
  }),
}
