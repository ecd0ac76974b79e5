import type { ts as TypeScript } from 'ts-morph'

/** A source file as the compiler parses it, to be edited by its text alone: what no edit names stays as it was. */
export interface Source {
  readonly ts: typeof TypeScript
  readonly file: TypeScript.SourceFile
}

/** Replaces the text between two offsets. */
export interface TextEdit {
  readonly start: number
  readonly end: number
  readonly text: string
}

export const parseSource = (ts: typeof TypeScript, name: string, text: string): TypeScript.SourceFile =>
  ts.createSourceFile(name, text, ts.ScriptTarget.Latest, true)

/** The declaration whose name starts at an offset. */
export function declarationAt({ ts, file }: Source, offset: number): TypeScript.Declaration | null {
  let found: TypeScript.Declaration | null = null
  const visit = (node: TypeScript.Node): void => {
    if (offset < node.pos || offset >= node.end) return
    const name = ts.getNameOfDeclaration(node as TypeScript.Declaration)
    if (name !== undefined && name !== node && name.getStart(file) === offset) found = node as TypeScript.Declaration
    ts.forEachChild(node, visit)
  }
  visit(file)
  return found
}

/** The one property that a text declares, in an interface or in an object literal; null when it is no such text. */
export function declaredBy(
  ts: typeof TypeScript,
  text: string,
  within: 'interface' | 'object',
): TypeScript.PropertySignature | TypeScript.PropertyAssignment | null {
  const wrapped = within === 'interface' ? `interface _ {\n${text}\n}` : `({\n${text}\n})`
  const file = parseSource(ts, 'fix.ts', wrapped)
  const { parseDiagnostics } = file as TypeScript.SourceFile & { readonly parseDiagnostics: readonly unknown[] }
  const [statement, ...others] = file.statements
  if (parseDiagnostics.length > 0 || statement === undefined || others.length > 0) return null
  const members = ts.isInterfaceDeclaration(statement) ? [...statement.members] : propertiesOf(ts, statement)
  const [member] = members
  if (member === undefined || members.length > 1) return null
  if (ts.isPropertySignature(member)) return member.type === undefined ? null : member
  return ts.isPropertyAssignment(member) ? member : null
}

function propertiesOf(ts: typeof TypeScript, statement: TypeScript.Statement): TypeScript.Node[] {
  if (!ts.isExpressionStatement(statement) || !ts.isParenthesizedExpression(statement.expression)) return []
  const { expression } = statement.expression
  return ts.isObjectLiteralExpression(expression) ? [...expression.properties] : []
}

/** Edits that do not meet, applied from the last to the first; of those that meet, the first given is done. */
export function applyEdits(text: string, edits: readonly TextEdit[]): { text: string; done: ReadonlySet<TextEdit> } {
  const done = new Set<TextEdit>()
  for (const edit of edits) {
    const meets = [...done].some((other) => edit.start < other.end && other.start < edit.end)
    const inside = [...done].some(
      (other) => edit.start === edit.end && other.start < edit.start && edit.start < other.end,
    )
    if (!meets && !inside) done.add(edit)
  }
  const order = [...done]
  const last = order.toSorted((a, b) => b.start - a.start || order.indexOf(b) - order.indexOf(a))
  return {
    text: last.reduce((before, { start, end, text: put }) => before.slice(0, start) + put + before.slice(end), text),
    done,
  }
}

/** From a line's first character to behind its line end, when nothing else stands on it; else the span itself. */
export function wholeLines(text: string, start: number, end: number): { start: number; end: number } {
  const from = text.lastIndexOf('\n', start - 1) + 1
  const to = text.indexOf('\n', end)
  const behind = to === -1 ? text.length : to
  const alone = text.slice(from, start).trim() === '' && text.slice(end, behind).trim() === ''
  if (alone) return { start: from, end: to === -1 ? text.length : to + 1 }
  const space = /^ +/.exec(text.slice(end))?.[0].length ?? 0
  return { start, end: end + space }
}
