import { readFile, realpath, writeFile } from 'node:fs/promises'
import { isAbsolute, join, relative, sep } from 'node:path'
import type { ts as TypeScript } from 'ts-morph'
import type { DriftDifference, SourceEdit } from './difference.ts'
import { add, redeclare, remove, rename } from './mend/properties.ts'
import { applyEdits, declarationAt, parseSource, type Source, type TextEdit } from './mend/source-text.ts'
import { removeTag } from './mend/tag.ts'
import { addValues, dropValues } from './mend/values.ts'

/**
 * Applies the TypeScript side of differences to the sources below `root`, where it is exact: what is only advice, what
 * stands in a type that is made from another one, and what lies elsewhere is left. Every other character stays.
 * Resolves to the differences whose edit was written; edits that meet are done one at a time.
 */
export async function mendSources(root: string, differences: readonly DriftDifference[]): Promise<DriftDifference[]> {
  const byFile = Map.groupBy(differences, ({ location }) => location?.file ?? '')
  const mended: DriftDifference[] = []
  const { ts } = await import('ts-morph')
  for (const [file, own] of byFile) {
    const path = join(root, file)
    if (!/\.[cm]?tsx?$/.test(file) || !(await isBelow(root, path))) continue
    const whole = await readFile(path, 'utf8')
    const mark = whole.startsWith('\uFEFF') ? '\uFEFF' : ''
    const text = whole.slice(mark.length)
    const source = { ts, file: parseSource(ts, path, text) }
    const edits = own.flatMap((difference) => {
      const edit = editFor(source, difference)
      return edit === null ? [] : [{ difference, edit: sameAs(edit, text) }]
    })
    const distinct = [...new Map(edits.map(({ edit }) => [JSON.stringify(edit), edit])).values()]
    const { text: after, done } = applyEdits(text, distinct)
    if (after === text) continue
    await writeFile(path, mark + after)
    const written = new Set([...done].map((edit) => JSON.stringify(edit)))
    mended.push(...edits.filter(({ edit }) => written.has(JSON.stringify(edit))).map(({ difference }) => difference))
  }
  return mended
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
  'add property': (source, node, _, text) => add(source, node, text),
  'remove property': (source, node) => remove(source, node),
  'rename property': (source, node, { to }) => rename(source, node, to),
  'add values': (source, node, { values }) => addValues(source, node, values),
  'drop values': (source, node, { values }) => dropValues(source, node, values),
}

/** A fix without an edit of its own is one when it reads as the property should. */
function editFor(source: Source, { location, edit, fix }: DriftDifference): TextEdit | null {
  const text = fix.typescript
  if (text === null || location === null || location.line === null || location.column === null) return null
  const offset = source.ts.getPositionOfLineAndCharacter(source.file, location.line - 1, location.column - 1)
  const wanted: SourceEdit = edit ?? { kind: 'declare', text }
  if (wanted.kind === 'remove tag') return removeTag(source, offset)
  const node = declarationAt(source, offset)
  return node === null ? null : edits[wanted.kind](source, node, wanted as never, text)
}
