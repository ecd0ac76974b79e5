import { oneFile } from './one-file.ts'
import { parsePairName } from './pair.ts'
import type { Marker } from './sections.ts'

const MARKER = /^\s*--[\s-]*(?<direction>up|down)\s+migration/i
const OTHER_TOOL = /^--\s*(\+goose|\+migrate|migrate:)/m

/** node-pg-migrate's single file: `-- Up Migration` and `-- Down Migration`; without them all of it is the up script. */
export const nodePgMigrate = oneFile({
  opening: '-- Up Migration',
  markerOf: (line): Marker | null => {
    const direction = MARKER.exec(line)?.groups?.['direction']?.toLowerCase() as 'up' | 'down' | undefined
    return direction ? { says: 'section', direction, transaction: true } : null
  },
  recognises: (name, text) =>
    parsePairName(name) === null && !OTHER_TOOL.test(text) && text.split('\n').some((line) => MARKER.test(line)),
  wholeIsUp: true,
})
