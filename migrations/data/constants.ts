import { loadModule, parseSync } from 'libpg-query'

/** What an expression of a check speaks of: the constants in it are the first candidates for its columns. */
export interface Spoken {
  readonly columns: ReadonlySet<string>
  readonly texts: readonly string[]
  readonly numbers: readonly string[]
  /** Matches a pattern: LIKE, SIMILAR TO or a regular expression. */
  readonly patterns: boolean
}

const NOTHING: Spoken = { columns: new Set(), texts: [], numbers: [], patterns: false }

/** Columns and constants of an expression as PostgreSQL prints it; nothing when it cannot be parsed on its own. */
export async function spokenIn(expression: string): Promise<Spoken> {
  await loadModule()
  let tree: unknown
  try {
    tree = parseSync(`select ${expression}`)
  } catch {
    return NOTHING
  }
  const columns = new Set<string>()
  const texts = new Set<string>()
  const numbers = new Set<string>()
  let patterns = false
  walk(tree, (node) => {
    const { ColumnRef: column, A_Const: constant, A_Expr: operation } = node as Partial<Record<string, Node>>
    const field = (column?.['fields'] as { String?: { sval?: string } }[] | undefined)?.at(-1)?.String?.sval
    if (field !== undefined) columns.add(field)
    if (constant?.['sval']) texts.add((constant['sval'] as { sval?: string }).sval ?? '')
    if (constant?.['ival']) numbers.add(String((constant['ival'] as { ival?: number }).ival ?? 0))
    if (constant?.['fval']) numbers.add((constant['fval'] as { fval: string }).fval)
    const operator = (operation?.['name'] as { String?: { sval?: string } }[] | undefined)?.at(-1)?.String?.sval ?? ''
    patterns ||= /~/.test(operator) || JSON.stringify(node['FuncCall'] ?? '').includes('regexp')
  })
  return { columns, texts: [...texts], numbers: [...numbers], patterns }
}

type Node = Readonly<Record<string, unknown>>

function walk(node: unknown, visit: (node: Node) => void): void {
  if (node === null || typeof node !== 'object') return
  if (!Array.isArray(node)) visit(node as Node)
  for (const child of Object.values(node)) walk(child, visit)
}
