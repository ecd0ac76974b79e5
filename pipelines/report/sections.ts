/** A part of a document: rows between a head and a tail. */
export interface Section {
  readonly head: string
  readonly rows: readonly string[]
  readonly tail: string
  /** What stands in the place of rows that do not fit; it may stand inside the section or alone. */
  readonly more: (hidden: number) => string
}

const bytes = (text: string): number => Buffer.byteLength(text)

/**
 * The sections as one text of at most `limit` bytes of UTF-8. A section without rows is always kept; the others share the room
 * fairly: small ones are whole, and each of the big ones leaves out its last rows and says how many.
 */
export const fitted = (sections: readonly Section[], limit: number): string => {
  const rooms = new Map<Section, number>()
  const fixed = sections.filter(({ rows }) => rows.length === 0)
  const shared = sections
    .filter(({ rows }) => rows.length > 0)
    .map((section) => ({ section, size: bytes(whole(section)) }))
  let left = limit - fixed.reduce((sum, section) => sum + bytes(whole(section)), 0)
  for (const [index, { section, size }] of shared.toSorted((a, b) => a.size - b.size).entries()) {
    const room = Math.min(size, Math.floor(left / (shared.length - index)))
    rooms.set(section, room)
    left -= room
  }
  return sections.map((section) => fittedSection(section, rooms.get(section) ?? Infinity)).join('')
}

const whole = ({ head, rows, tail }: Section): string => head + rows.join('') + tail

const fittedSection = (section: Section, room: number): string => {
  const { head, rows, tail, more } = section
  if (bytes(whole(section)) <= room) return whole(section)
  let left = room - bytes(head) - bytes(tail) - bytes(more(rows.length))
  const overflow = rows.findIndex((row) => (left -= bytes(row)) < 0)
  return overflow <= 0
    ? more(rows.length)
    : head + rows.slice(0, overflow).join('') + tail + more(rows.length - overflow)
}
