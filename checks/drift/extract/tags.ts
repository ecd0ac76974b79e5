import type { ts as TypeScript } from 'ts-morph'
import type { Tag } from '../type-model.ts'
import { locate, type Reader } from './reader.ts'

const TAG = /@landfall-([\w-]+)[ \t]*([^\n]*)/g
const KNOWN: ReadonlySet<string> = new Set(['table', 'column', 'ignore'])

/** The `@landfall-…` tags of the documentation that the compiler attaches to a declaration. */
export function tagsOf(reader: Pick<Reader, 'ts' | 'root'>, node: TypeScript.Node): Tag[] {
  const { ts } = reader
  return ts
    .getJSDocCommentsAndTags(node)
    .filter((part) => ts.isJSDoc(part))
    .flatMap((comment) => tagsBetween(reader, node.getSourceFile(), comment.getStart(), comment.end))
    .filter(({ name }) => KNOWN.has(name))
}

function tagsBetween(
  reader: Pick<Reader, 'ts' | 'root'>,
  file: TypeScript.SourceFile,
  from: number,
  to: number,
): Tag[] {
  return [...file.text.slice(from, to).matchAll(TAG)].map((match) => ({
    name: match[1]!,
    argument: match[2]!.replace(/\*\/.*$/, '').trim(),
    location: locate(reader, file, from + match.index),
  }))
}

/**
 * Tags in comments that no declaration took: on the line of a `{`, behind a property, in a `//` comment, or with a word
 * that is no tag. Without this they would be ignored in silence.
 */
export function strayTags(
  reader: Pick<Reader, 'ts' | 'root'>,
  file: TypeScript.SourceFile,
  attached: readonly Tag[],
): Tag[] {
  if (!file.text.includes('@landfall-')) return []
  const taken = new Set(attached.map(({ location }) => placeOf(location)))
  return commentsOf(reader, file)
    .flatMap(([from, to]) => tagsBetween(reader, file, from, to))
    .filter(({ location }) => !taken.has(placeOf(location)))
}

const placeOf = ({ file, line, column }: Tag['location']): string => `${file}:${line}:${column}`

function commentsOf({ ts }: Pick<Reader, 'ts'>, file: TypeScript.SourceFile): [number, number][] {
  const found = new Map<number, [number, number]>()
  const visit = (node: TypeScript.Node): void => {
    const ranges = [
      ...(ts.getLeadingCommentRanges(file.text, node.getFullStart()) ?? []),
      ...(ts.getTrailingCommentRanges(file.text, node.end) ?? []),
    ]
    for (const { pos, end } of ranges) found.set(pos, [pos, end])
    for (const child of node.getChildren(file)) if (!ts.isJSDoc(child)) visit(child)
  }
  visit(file)
  return [...found.values()]
}
