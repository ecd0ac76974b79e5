import { substitute } from './envsub.ts'
import { oneFile } from './one-file.ts'
import type { Marker } from './sections.ts'

const MARKERS: Readonly<Record<string, Marker>> = {
  up: { says: 'section', direction: 'up', transaction: true },
  down: { says: 'section', direction: 'down', transaction: true },
  'no transaction': { says: 'no-transaction' },
  statementend: { says: 'end-of-statement' },
}

/**
 * goose: `-- +goose Up` and `-- +goose Down`, `NO TRANSACTION` for the whole file, `ENVSUB ON` and `OFF`. PostgreSQL's
 * parser needs no `StatementBegin`; `StatementEnd` ends a statement, which may lack its semicolon.
 */
export const goose = oneFile({
  opening: '-- +goose Up',
  markerOf: (line) =>
    MARKERS[/^--\s*\+goose\s+(.*?)\s*$/i.exec(line)?.[1]?.replaceAll(/\s+/g, ' ').toLowerCase() ?? ''] ?? null,
  recognises: (_, text) => /^--\s*\+goose\s+(up|down)\s*$/im.test(text),
  prepare: (files, name) => substitute(files.text(name), files.locate(name), files.variables),
})
