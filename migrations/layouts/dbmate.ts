import { oneFile } from './one-file.ts'
import type { Marker } from './sections.ts'

const MARKER = /^--\s*migrate:(?<direction>up|down)(?=\s|$)(?<options>.*)$/

/** dbmate: `-- migrate:up` and `-- migrate:down`, each with `transaction:false` where it must run outside one. */
export const dbmate = oneFile({
  opening: '-- migrate:up',
  markerOf: (line): Marker | null => {
    const said = MARKER.exec(line)?.groups as { direction: 'up' | 'down'; options: string } | undefined
    return said
      ? { says: 'section', direction: said.direction, transaction: !/(^|\s)transaction:false(\s|$)/.test(said.options) }
      : null
  },
  recognises: (_, text) => /^--\s*migrate:(up|down)(\s|$)/m.test(text),
})
