import type { ts as TypeScript } from 'ts-morph'
import { declaredBy, type Source, type TextEdit, wholeLines } from './source-text.ts'

/** The property as a text declares it; its name, its modifiers and its comments stay. */
export function redeclare(source: Source, node: TypeScript.Declaration, text: string): TextEdit | null {
  const { ts, file } = source
  if (ts.isPropertyAssignment(node)) {
    const wanted = declaredBy(ts, text, 'object')
    if (wanted === null || !ts.isPropertyAssignment(wanted) || nameOf(wanted) !== nameOf(node)) return null
    return changed(file, node.initializer.getStart(file), node.initializer.end, wanted.initializer.getText())
  }
  if (!ts.isPropertySignature(node) && !ts.isPropertyDeclaration(node) && !ts.isParameter(node)) return null
  const wanted = declaredBy(ts, text, 'interface')
  if (wanted === null || !ts.isPropertySignature(wanted) || nameOf(wanted) !== nameOf(node)) return null
  if (node.type === undefined || (ts.isPropertyDeclaration(node) && node.initializer !== undefined)) return null
  // A parameter that may be left out is for those who call to decide.
  if (ts.isParameter(node) && (node.questionToken === undefined) !== (wanted.questionToken === undefined)) return null
  const mark =
    ts.isPropertyDeclaration(node) && node.exclamationToken !== undefined ? '!' : wanted.questionToken ? '?' : ''
  return changed(file, node.name.end, node.type.end, `${mark}: ${wanted.type!.getText()}`)
}

export function rename({ ts, file }: Source, node: TypeScript.Declaration, to: string): TextEdit | null {
  if (!isProperty(ts, node) || isUsed({ ts, file }, node) || !/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(to))
    return null
  return changed(file, node.name.getStart(file), node.name.end, to)
}

/** With its comments, and with its line where it has one to itself. */
export function remove({ ts, file }: Source, node: TypeScript.Declaration): TextEdit | null {
  if (!isProperty(ts, node) || isUsed({ ts, file }, node)) return null
  const { text } = file
  const comments = ts.getLeadingCommentRanges(text, node.getFullStart()) ?? []
  const from = comments[0]?.pos ?? node.getStart(file)
  const comma = /^\s*,/.exec(text.slice(node.end))?.[0].length ?? 0
  const behind = ts.getTrailingCommentRanges(text, node.end + comma) ?? []
  return { ...wholeLines(text, from, behind.at(-1)?.end ?? node.end + comma), text: '' }
}

/** Behind the last property of a type's own body, written as that one is. */
export function add(source: Source, node: TypeScript.Declaration, text: string): TextEdit | null {
  const { ts, file } = source
  const body = bodyOf(source, node)
  const last = body?.findLast((member) => isProperty(ts, member as TypeScript.Declaration))
  if (body === null || last === undefined) return null
  const inObject = ts.isPropertyAssignment(last)
  const wanted = declaredBy(ts, text, inObject ? 'object' : 'interface')
  if (wanted === null || body.some((member) => nameOf(member as typeof wanted) === nameOf(wanted))) return null
  const own = last.getText()
  const { separator, end } = ending(file.text, last.end, own)
  const indent = /(?:^|\n)([ \t]*)$/.exec(file.text.slice(0, last.getStart(file)))?.[1]
  const fixed =
    ts.canHaveModifiers(last) && ts.getModifiers(last)?.some(({ kind }) => kind === ts.SyntaxKind.ReadonlyKeyword)
  const definite = ts.isPropertyDeclaration(last) && last.exclamationToken !== undefined
  const declared = wanted.getText().replace(/[;,]$/, '')
  const line = `${fixed ? 'readonly ' : ''}${definite ? declared.replace(/\??:/, '!:') : declared}`
  if (indent === undefined) {
    const between = separator === '' ? (inObject ? ', ' : '; ') : ' '
    return { start: end, end, text: `${between}${line}${separator}` }
  }
  const needed = separator === '' && inObject ? ',' : ''
  const behind = (ts.getTrailingCommentRanges(file.text, end) ?? []).at(-1)?.end ?? end
  if (needed !== '' && behind > end) return null
  return { start: behind, end: behind, text: `${needed}\n${indent}${line}${separator}` }
}

/** What closes a member: a semicolon of its own, a comma behind it, or nothing. */
function ending(text: string, end: number, own: string): { separator: string; end: number } {
  const within = /[;,]$/.exec(own)?.[0]
  if (within !== undefined) return { separator: within, end }
  const comma = /^\s*,/.exec(text.slice(end))?.[0]
  return comma === undefined ? { separator: '', end } : { separator: ',', end: end + comma.length }
}

/** The members that a type itself writes down; null where they stand elsewhere. */
function bodyOf(source: Source, node: TypeScript.Declaration): readonly TypeScript.Node[] | null {
  const { ts, file } = source
  if (ts.isInterfaceDeclaration(node)) return node.members
  // Where a constructor sets the properties, one more is one more argument.
  if (ts.isClassDeclaration(node))
    return node.members.some((one) => ts.isConstructorDeclaration(one)) ? null : node.members
  if (ts.isVariableDeclaration(node)) return schemaBody(source, node.initializer)
  if (!ts.isTypeAliasDeclaration(node)) return null
  const parts: readonly TypeScript.TypeNode[] = ts.isIntersectionTypeNode(node.type) ? node.type.types : [node.type]
  const literals = parts.filter((part): part is TypeScript.TypeLiteralNode => ts.isTypeLiteralNode(part))
  if (literals.length === 1) return literals[0]!.members
  const schema = /^z\.(?:infer|input|output)<typeof (\w+)>$/.exec(node.type.getText())?.[1]
  const variable = file.statements
    .flatMap((statement) => (ts.isVariableStatement(statement) ? [...statement.declarationList.declarations] : []))
    .find(({ name }) => name.getText() === schema)
  return variable === undefined ? null : schemaBody(source, variable.initializer)
}

/** The object of `z.object({ … })`, as long as nothing behind it picks from it. */
function schemaBody({ ts }: Source, node: TypeScript.Expression | undefined): readonly TypeScript.Node[] | null {
  if (node === undefined || !ts.isCallExpression(node) || !ts.isPropertyAccessExpression(node.expression)) return null
  const [first] = node.arguments
  const method = node.expression.name.text
  if (/^(?:strictO|looseO|o)bject$/.test(method))
    return first !== undefined && ts.isObjectLiteralExpression(first) ? first.properties : null
  return /^(?:describe|meta|strict|readonly|refine|superRefine|check)$/.test(method)
    ? schemaBody({ ts } as Source, node.expression.expression)
    : null
}

type Named = TypeScript.PropertySignature | TypeScript.PropertyDeclaration | TypeScript.PropertyAssignment

const isProperty = (ts: typeof TypeScript, node: TypeScript.Declaration): node is Named =>
  ts.isPropertySignature(node) || ts.isPropertyDeclaration(node) || ts.isPropertyAssignment(node)

/** True for a property of a class that other code of it speaks of. */
function isUsed({ ts, file }: Source, node: Named): boolean {
  if (!ts.isPropertyDeclaration(node)) return false
  const uses = (one: TypeScript.Node): boolean =>
    (ts.isPropertyAccessExpression(one) && one.name.text === node.name.getText(file)) ||
    (ts.forEachChild(one, (child) => uses(child) || undefined) ?? false)
  return uses(node.parent)
}

const nameOf = ({ name }: { readonly name?: TypeScript.Node }): string =>
  name?.getText().replace(/^(['"])(.*)\1$/, '$2') ?? ''

const changed = (file: TypeScript.SourceFile, start: number, end: number, text: string): TextEdit | null =>
  file.text.slice(start, end) === text ? null : { start, end, text }
