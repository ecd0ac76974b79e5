import type { Cursor } from './source.ts'

interface Place {
  /** From 1. */
  readonly line: number
  /** Byte of the file. */
  readonly offset: number
}

/** A piece of a JSON array: an element's bytes, a place where the array itself is broken, or proof that it is none. */
export type Element =
  | (Place & { readonly kind: 'element'; readonly bytes: Buffer; readonly end: number; readonly endLine: number })
  | (Place & { readonly kind: 'broken'; readonly bytes: Buffer; readonly reason: string })
  | (Place & { readonly kind: 'not-an-array' })

const code = (character: string): number => character.charCodeAt(0)
const [QUOTE, BACKSLASH, COMMA, NEWLINE] = ['"', '\\', ',', '\n'].map(code) as [number, number, number, number]
const [OPEN, CLOSE, OPEN_BRACE, CLOSE_BRACE] = ['[', ']', '{', '}'].map(code) as [number, number, number, number]
const SPACE: ReadonlySet<number> = new Set([' ', '\t', '\r', '\n'].map(code))
const BOM = [0xef, 0xbb, 0xbf]
const MAX_ELEMENT = 256 * 1024 * 1024

type State = 'start' | 'first' | 'value' | 'in' | 'after' | 'end'

/**
 * The elements of a JSON array as bytes, found by brackets and quotes alone: what stands between them is parsed one
 * by one. Bytes are those of the file from `after` on, the end of an element. An element may itself be no JSON; the
 * array goes on behind it.
 */
export async function* elementsOf(chunks: AsyncIterable<Buffer>, after: Cursor | null): AsyncGenerator<Element[]> {
  let state: State = after === null ? 'start' : 'after'
  let line = after?.line ?? 1
  let base = after?.offset ?? 0
  let [depth, inString, escaped, stopped] = [0, false, false, false]
  let begin: Place = { line, offset: base }
  let contentEnd: Place = begin
  let kept: Buffer[] = []
  let keptBytes = 0
  let found: Element[] = []

  const broken = (place: Place, bytes: Buffer, reason: string): void => {
    found.push({ kind: 'broken', ...place, bytes, reason: `${reason} (line ${place.line})` })
    stopped = true
  }

  for await (const chunk of chunks) {
    let from = 0 // of the element, in this chunk
    for (let i = 0; i < chunk.length; i += 1) {
      if (stopped) break
      const byte = chunk[i]!
      if (state === 'in' && inString) {
        if (byte === NEWLINE) line += 1
        if (escaped) escaped = false
        else if (byte === BACKSLASH) escaped = true
        else if (byte === QUOTE) inString = false
        continue
      }
      if (byte === NEWLINE) {
        line += 1
        continue
      }
      if (state === 'in') {
        if (byte === QUOTE) inString = true
        else if (byte === OPEN || byte === OPEN_BRACE) depth += 1
        else if ((byte === CLOSE || byte === CLOSE_BRACE) && depth > 0) depth -= 1
        else if ((byte === COMMA || byte === CLOSE) && depth === 0) {
          const bytes = kept.length === 0 ? chunk.subarray(from, i) : Buffer.concat([...kept, chunk.subarray(from, i)])
          found.push({ kind: 'element', ...begin, bytes, end: base + i, endLine: line })
          ;[kept, keptBytes] = [[], 0]
          state = byte === COMMA ? 'value' : 'end'
        }
        continue
      }
      if (SPACE.has(byte)) continue
      const here = { line, offset: base + i }
      if (state === 'start') {
        if (here.offset < 3 && byte === BOM[here.offset]) continue
        if (byte !== OPEN) {
          yield [{ kind: 'not-an-array', ...here }]
          return
        }
        state = 'first'
      } else if (state === 'end') broken(here, chunk.subarray(i, i + 80), 'there is more behind the end of the array')
      else if (state === 'after') state = byte === COMMA ? 'value' : 'end'
      else if (byte === CLOSE && state === 'first') state = 'end'
      else if (byte === CLOSE || byte === COMMA) {
        broken(here, chunk.subarray(i, i + 1), `a record is missing before "${String.fromCharCode(byte)}"`)
      } else {
        ;[begin, state, from, depth] = [here, 'in', i, 0]
        inString = byte === QUOTE
        escaped = false
        if (byte === OPEN || byte === OPEN_BRACE) depth = 1
      }
    }
    base += chunk.length
    if (state === 'in') {
      kept.push(chunk.subarray(from))
      keptBytes += chunk.length - from
      if (keptBytes > MAX_ELEMENT)
        broken(begin, kept[0]!.subarray(0, 1000), 'the record is longer than 256 MB; is a quote missing?')
    }
    contentEnd = { line, offset: base }
    if (found.length > 0) yield found
    found = []
    if (stopped) return
  }
  if (state === 'start') yield [{ kind: 'not-an-array', ...contentEnd }]
  if (state === 'in') broken(begin, Buffer.concat(kept).subarray(0, 100_000), 'the file ends inside this record')
  else if (state !== 'end' && state !== 'start')
    broken(contentEnd, Buffer.alloc(0), 'the file ends before the array is closed')
  if (found.length > 0) yield found
}
