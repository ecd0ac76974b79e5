import { readFile, realpath, writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { ts as TypeScript } from 'ts-morph'
import type { DriftDifference, SourceEdit } from './difference.ts'
import { leaveOut, takeIn } from './mend/picked.ts'
import { add, redeclare, remove, rename } from './mend/properties.ts'
import { applyEdits, declarationAt, declaredBy, parseSource, type Source, type TextEdit } from './mend/source-text.ts'
import { removeTag } from './mend/tag.ts'
import { addValues, dropValues } from './mend/values.ts'

/** What `mendSources` did. */
export interface Mended {
  /** The differences whose edit was written. */
  readonly edited: readonly DriftDifference[]
  /** Those that have a TypeScript side, and why it was not written. */
  readonly left: readonly { readonly difference: DriftDifference; readonly reason: string }[]
}

/**
 * Applies the TypeScript side of differences to the sources below `root`, where it is exact: what is only advice, what
 * stands in a type whose text does not have it, and what lies elsewhere is left. Every other character stays. Edits that
 * meet are done one at a time.
 */
export async function mendSources(root: string, differences: readonly DriftDifference[]): Promise<Mended> {
  const byFile = Map.groupBy(
    differences.filter(({ fix }) => fix.typescript !== null),
    ({ location }) => location?.file ?? '',
  )
  const edited: DriftDifference[] = []
  const left: Mended['left'][number][] = []
  const { ts } = await import('ts-morph')
  for (const [file, own] of byFile) {
    const path = join(root, file)
    if (!/\.[cm]?tsx?$/.test(file) || !(await isBelow(root, path))) {
      left.push(...own.map((difference) => ({ difference, reason: 'it lies outside the directory of the config' })))
      continue
    }
    const whole = await readFile(path, 'utf8')
    const mark = whole.startsWith('\uFEFF') ? '\uFEFF' : ''
    const text = whole.slice(mark.length)
    const source = { ts, file: parseSource(ts, path, text) }
    const edits = own.flatMap((difference) => {
      const edit = editFor(source, difference)
      if (typeof edit !== 'string') return [{ difference, edit: sameAs(edit, text) }]
      left.push({ difference, reason: edit })
      return []
    })
    const distinct = [...new Map(edits.map(({ edit }) => [JSON.stringify(edit), edit])).values()]
    const { text: after, done } = applyEdits(text, distinct)
    if (after === text) continue
    await writeFile(path, mark + after)
    const written = new Set([...done].map((edit) => JSON.stringify(edit)))
    edited.push(...edits.filter(({ edit }) => written.has(JSON.stringify(edit))).map(({ difference }) => difference))
  }
  return { edited, left }
}

/** Line ends as the file has them. */
const sameAs = (edit: TextEdit, text: string): TextEdit =>
  text.includes('\r\n') ? { ...edit, text: edit.text.replaceAll(/\r?\n/g, '\r\n') } : edit

async function isBelow(root: string, path: string): Promise<boolean> {
  const [top, real] = await Promise.all([realpath(root), realpath(path).catch(() => null)])
  const below = real === null ? '..' : relative(top, real)
  return !below.startsWith('..') && !isAbsolute(below) && !below.split(sep).includes('node_modules')
}

type Apply<Kind extends SourceEdit['kind']> = (
  source: Source,
  node: TypeScript.Declaration,
  edit: Extract<SourceEdit, { kind: Kind }>,
  text: string,
) => TextEdit | null

const edits: { readonly [Kind in Exclude<SourceEdit['kind'], 'remove tag'>]: Apply<Kind> } = {
  declare: (source, node, { text }) => redeclare(source, node, text),
  'add property': (source, node, _, text) => takeIn(source, node, text) ?? add(source, node, text),
  'remove property': (source, node, _, text) => leaveOut(source, node, text) ?? remove(source, node),
  'rename property': (source, node, { to }) => rename(source, node, to),
  'add values': (source, node, { values }) => addValues(source, node, values),
  'drop values': (source, node, { values }) => dropValues(source, node, values),
}

/** A fix without an edit of its own is one when it reads as the property should. A text says why there is no edit. */
function editFor(source: Source, { location, edit, fix, property }: DriftDifference): TextEdit | string {
  const text = fix.typescript!
  if (location === null || location.line === null || location.column === null) return 'its place is not known'
  const offset = source.ts.getPositionOfLineAndCharacter(source.file, location.line - 1, location.column - 1)
  const wanted: SourceEdit = edit ?? { kind: 'declare', text }
  if (wanted.kind === 'remove tag') return removeTag(source, offset) ?? 'the tag is not where it was'
  const node = declarationAt(source, offset)
  if (node === null) return 'nothing is declared there any more'
  const name = wanted.kind === 'remove property' ? (property ?? text) : text
  return edits[wanted.kind](source, node, wanted as never, name) ?? whyNot(source, node, wanted)
}

function whyNot({ ts }: Source, node: TypeScript.Declaration, wanted: SourceEdit): string {
  if (wanted.kind === 'declare' && declaredBy(ts, wanted.text, 'interface') === null) return 'it is advice, not an edit'
  if (ts.isTypeAliasDeclaration(node) || ts.isInterfaceDeclaration(node)) return 'the type is made from another one'
  if (ts.isParameter(node) || ts.isClassDeclaration(node))
    return 'what calls the constructor would have to change with it'
  if (ts.isPropertyDeclaration(node) && node.initializer !== undefined)
    return 'its first value would have to change too'
  if (ts.isPropertyDeclaration(node)) return 'other code of the class uses it'
  return wanted.kind === 'add values' || wanted.kind === 'drop values'
    ? 'the values are not listed there, or others read the list as well'
    : 'it is not written out there'
}
