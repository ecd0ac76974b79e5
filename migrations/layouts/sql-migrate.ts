import { oneFile } from './one-file.ts'
import type { Marker } from './sections.ts'

const MARKER = /^-- \+migrate\s+(?<command>Up|Down|StatementEnd)(?=\s|$)(?<options>.*)$/

/** sql-migrate: `-- +migrate Up` and `-- +migrate Down`, each with `notransaction` where it must run outside one. */
export const sqlMigrate = oneFile({
  opening: '-- +migrate Up',
  markerOf: (line): Marker | null => {
    const said = MARKER.exec(line)?.groups
    if (!said) return null
    if (said['command'] === 'StatementEnd') return { says: 'end-of-statement' }
    const direction = said['command'] === 'Up' ? 'up' : 'down'
    return { says: 'section', direction, transaction: !/\bnotransaction\b/.test(said['options']!) }
  },
  recognises: (_, text) => /^-- \+migrate\s+(Up|Down)(\s|$)/m.test(text),
})
