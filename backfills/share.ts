import type { Cursor, SourceIdentity } from './sources/source.ts'

/** How much of a source is read, from 0 to 1; null where its end is not known: a store, a table, a packed file. */
export const shareOf = ({ size }: SourceIdentity, cursor: Cursor | null): number | null => {
  const offset = cursor === null ? 0 : cursor.offset
  return size === null || size === 0 || offset === null || offset > size ? null : offset / size
}
