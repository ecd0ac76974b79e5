import type { ts as TypeScript } from 'ts-morph'
import { declaredBy, type Source, type TextEdit } from './source-text.ts'

/** `Omit<Task, 'id' | 'slug'>`, as an alias is made. */
interface Picked {
  readonly by: 'Omit' | 'Pick'
  readonly whole: TypeScript.TypeReferenceNode
  readonly of: TypeScript.TypeNode
  readonly names: readonly TypeScript.LiteralTypeNode[]
}

/** An alias without a property: one more name in its Omit, or one less in its Pick. Null for any other. */
export function leaveOut(source: Source, node: TypeScript.Declaration, name: string): TextEdit | null {
  const picked = pickedBy(source, node)
  return picked === null ? null : picked.by === 'Omit' ? named(source, picked, name) : unnamed(source, picked, name)
}

/** An alias with the property that a text declares: one less in its Omit, or one more in its Pick. */
export function takeIn(source: Source, node: TypeScript.Declaration, text: string): TextEdit | null {
  const picked = pickedBy(source, node)
  const name = declaredBy(source.ts, text, 'interface')?.name.getText()
  if (picked === null || name === undefined) return null
  return picked.by === 'Pick' ? named(source, picked, name) : unnamed(source, picked, name)
}

function pickedBy({ ts, file }: Source, node: TypeScript.Declaration): Picked | null {
  if (!ts.isTypeAliasDeclaration(node) || !ts.isTypeReferenceNode(node.type)) return null
  const by = node.type.typeName.getText(file)
  const [of, keys] = node.type.typeArguments ?? []
  if ((by !== 'Omit' && by !== 'Pick') || of === undefined || keys === undefined) return null
  const names = ts.isUnionTypeNode(keys) ? [...keys.types] : [keys]
  const isLiteral = (one: TypeScript.TypeNode): one is TypeScript.LiteralTypeNode =>
    ts.isLiteralTypeNode(one) && ts.isStringLiteral(one.literal)
  return names.every(isLiteral) ? { by, whole: node.type, of, names } : null
}

const nameOf = ({ literal }: TypeScript.LiteralTypeNode): string => (literal as TypeScript.StringLiteral).text

function named({ file }: Source, { names }: Picked, name: string): TextEdit | null {
  const last = names.at(-1)!
  if (names.some((one) => nameOf(one) === name)) return null
  const before = names.at(-2)
  const between = before === undefined ? ' | ' : file.text.slice(before.end, last.getStart(file))
  if (/\/[/*]/.test(between)) return null
  const quote = last.getText(file).slice(0, 1)
  return { start: last.end, end: last.end, text: `${between}${quote}${name}${quote}` }
}

function unnamed({ file }: Source, { by, whole, of, names }: Picked, name: string): TextEdit | null {
  const at = names.findIndex((one) => nameOf(one) === name)
  if (at === -1) return null
  const [one, before, after] = [names[at]!, names[at - 1], names[at + 1]]
  if (before !== undefined) return { start: before.end, end: one.end, text: '' }
  if (after !== undefined) return { start: one.getStart(file), end: after.getStart(file), text: '' }
  // Nothing is left out any more; a Pick of nothing is none.
  return by === 'Omit' ? { start: whole.getStart(file), end: whole.end, text: of.getText(file) } : null
}
