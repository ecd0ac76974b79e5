import { isEmptyScript, statementsOf } from './script.ts'
import type { Script } from './migration.ts'

/** Statements that may do anything: by themselves, by the functions that they call, by the triggers that they fire. */
const CODE: ReadonlySet<string> = new Set([
  'DoStmt',
  'CallStmt',
  'SelectStmt',
  'InsertStmt',
  'UpdateStmt',
  'DeleteStmt',
  'MergeStmt',
  'CopyStmt',
  'ExecuteStmt',
  'CreateTableAsStmt',
  'RefreshMatViewStmt',
])

/** Literals that stand for the moment at which they are read. */
const MOMENT = /^(now|today|tomorrow|yesterday)$/i

/**
 * Whether what a script makes may depend on more than its text: it runs code, or reads the clock into a definition. A
 * script of other statements makes the same schema every time; functions in defaults, checks and views are kept, not run.
 */
export async function runsCode(script: Script): Promise<boolean> {
  if (await isEmptyScript(script.sql)) return false
  const statements = await statementsOf(script).catch(() => null)
  return statements === null || statements.some(({ node }) => CODE.has(Object.keys(node)[0]!) || readsTheClock(node))
}

const readsTheClock = (node: unknown): boolean =>
  node !== null &&
  typeof node === 'object' &&
  Object.entries(node).some(([key, value]) =>
    key === 'A_Const' ? MOMENT.test(textOf(value as { sval?: { sval?: string } }).trim()) : readsTheClock(value),
  )

const textOf = ({ sval }: { readonly sval?: { readonly sval?: string } }): string => sval?.sval ?? ''
