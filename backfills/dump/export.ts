import { LandfallError } from '../../migrations/error.ts'
import { isSqlite } from '../../migrations/sqlite/url.ts'
import { type DumpHeader, type DumpTable, FORMAT, inReferenceOrder } from './format.ts'

export interface ExportRequest {
  readonly url: string
  readonly system: string
  readonly schema: string
  /** Names of tables; null: all. */
  readonly tables: readonly string[] | null
  /** Writes out the rows that row-level security shows, where it hides others; else that is refused. */
  readonly visibleRows?: boolean
  readonly signal?: AbortSignal
}

/** A database at one moment, whose tables are written out. */
export interface ExportSource extends Pick<DumpHeader, 'migration' | 'sequences'> {
  readonly tables: readonly DumpTable[]
  /** The rows of a table as JSON objects, some at a time, in the order of its key. */
  readonly rows: (table: DumpTable) => AsyncIterable<readonly string[]>
}

/** How many rows a table had. */
export interface TableCount {
  readonly table: string
  readonly rows: number
}

/**
 * Writes a system's tables as one JSON document, a row a line, all as they are at one moment. `write` resolves when it
 * can take more: memory stays flat.
 * @throws {LandfallError} `usage`: there is no such table; nothing to write
 */
export async function exportData(
  request: ExportRequest,
  write: (text: string) => Promise<void>,
): Promise<TableCount[]> {
  const counts: TableCount[] = []
  await reading(request, async (source) => {
    const tables = inReferenceOrder(selected(source.tables, request))
    const { migration, sequences } = source
    const columns = Object.fromEntries(
      tables.map((table) => [table.name, Object.fromEntries(table.columns.map(({ name, type }) => [name, type]))]),
    )
    const header: DumpHeader = { schema: FORMAT, system: request.system, migration, columns, sequences }
    await write(`${JSON.stringify(header, null, 2).slice(0, -2)},\n  "tables": {`)
    for (const [index, table] of tables.entries()) {
      await write(`${index === 0 ? '' : ','}\n    ${JSON.stringify(table.name)}: [`)
      let rows = 0
      for await (const batch of source.rows(table)) {
        request.signal?.throwIfAborted()
        if (batch.length === 0) continue
        await write(`${rows === 0 ? '' : ','}\n      ${batch.join(',\n      ')}`)
        rows += batch.length
      }
      await write(rows === 0 ? ']' : '\n    ]')
      counts.push({ table: table.name, rows })
    }
    await write('\n  }\n}\n')
  })
  return counts
}

async function reading(request: ExportRequest, work: (source: ExportSource) => Promise<void>): Promise<void> {
  const { readSource } = isSqlite(request.url)
    ? await import('./sqlite-source.ts')
    : await import('./postgres-source.ts')
  return readSource(request, work)
}

function selected(tables: readonly DumpTable[], { tables: wanted, schema, url }: ExportRequest): readonly DumpTable[] {
  const where = isSqlite(url) ? 'the SQLite file' : `schema ${schema}`
  const known = tables.map(({ name }) => name)
  const unknown = wanted?.find((name) => !known.includes(name))
  if (unknown !== undefined || tables.length === 0)
    throw new LandfallError(
      'usage',
      'data/no-table',
      unknown === undefined ? `there is no table in ${where}` : `there is no table ${unknown} in ${where}`,
      { next: known.length === 0 ? 'landfall migrate up makes the tables' : `the tables are ${known.join(', ')}` },
    )
  return wanted === null ? tables : tables.filter(({ name }) => wanted.includes(name))
}
