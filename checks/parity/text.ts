import fc from 'fast-check'

/** Code points from U+0001 on that are characters: without the halves of surrogate pairs. */
const CHARACTERS = 0x10ffff - 0x800
/** The simplest comes first. */
const SIMPLEST = 'a'.codePointAt(0)!

const character = fc.nat({ max: CHARACTERS - 1 }).map(
  (index) => {
    const place = ((index + SIMPLEST - 1) % CHARACTERS) + 1
    return String.fromCodePoint(place < 0xd800 ? place : place + 0x800)
  },
  (value) => {
    const code = (value as string).codePointAt(0)!
    return ((code < 0xd800 ? code : code - 0x800) - SIMPLEST + CHARACTERS) % CHARACTERS
  },
)

/** Any text that PostgreSQL can hold: characters of every plane, but U+0000. It shrinks towards `a`. */
export const anyText = ({ maxLength = 12 }: { readonly maxLength?: number } = {}): fc.Arbitrary<string> =>
  fc.string({ unit: character, maxLength })
