import { readDirectives } from '../directives.ts'
import type { Script } from '../migration.ts'

export type Direction = 'up' | 'down'

/** What a line says to the tool that the file was written for. */
export type Marker =
  | { readonly says: 'section'; readonly direction: Direction; readonly transaction: boolean }
  /** Of the whole file. */
  | { readonly says: 'no-transaction' }
  | { readonly says: 'end-of-statement' }

/** Both directions of a file that holds both. */
export interface Sections {
  readonly up: Script | null
  readonly down: Script | null
  readonly irreversible: string | null
  /** What stands before the first section, comments included. */
  readonly header: string
}

/**
 * Splits a file by the lines that open a section; a direction may have several. Every line keeps its number: what
 * belongs to the other direction is left blank, and `firstLine` is that of the first line below the opening one.
 * `startsIn` is the direction of a file that begins without such a line.
 */
export function readSections(
  file: string,
  text: string,
  markerOf: (line: string) => Marker | null,
  startsIn: Direction | null = null,
): Sections {
  const lines = text.split('\n')
  const parts: Record<Direction, Part> = {
    up: { lines: [], transaction: true },
    down: { lines: [], transaction: true },
  }
  const header: string[] = []
  let current = startsIn
  if (current !== null) parts[current].first = 0
  let transaction = true
  for (const [index, line] of lines.entries()) {
    const marker = markerOf(line)
    if (marker?.says === 'section') {
      current = marker.direction
      parts[current].first ??= index + 1
      parts[current].transaction &&= marker.transaction
    } else if (marker?.says === 'no-transaction') transaction = false
    else if (current === null) header.push(line)
    else parts[current].lines[index] = marker ? ';' : line
  }
  const above = readDirectives(file, header.join('\n'))
  const scriptOf = (part: Part): { script: Script; irreversible: string | null } | null => {
    if (part.first === undefined) return null
    const sql = Array.from(part.lines.slice(part.first), (line) => line ?? '').join('\n')
    const own = readDirectives(file, sql, part.first + 1)
    const inside = transaction && above.transaction && part.transaction && own.transaction
    return {
      script: { file, sql, transaction: inside, firstLine: part.first + 1 },
      irreversible: own.irreversible,
    }
  }
  const [up, down] = [scriptOf(parts.up), scriptOf(parts.down)]
  return {
    up: up?.script ?? null,
    down: down?.script ?? null,
    irreversible: above.irreversible ?? up?.irreversible ?? null,
    header: header.join('\n'),
  }
}

interface Part {
  /** The index of the line below the first opening one. */
  first?: number
  /** By the index of the line; with holes where the other direction stands. */
  readonly lines: string[]
  transaction: boolean
}
