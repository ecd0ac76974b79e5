import type { FileProblem } from '../migration.ts'
import { isEmptyScript } from '../script.ts'
import type { MigrationFiles } from './files.ts'
import type { Draft, Layout, OtherFile } from './layout.ts'
import { readSections, type Marker } from './sections.ts'
import { unread } from './unread.ts'

const NAME = /^(?<version>\d+)(?:[_.-]+(?<name>[^/]*))?\.sql$/

/** How a layout with both directions in one file says which is which. */
export interface OneFile {
  /** The line that opens the up section, as messages show it. */
  readonly opening: string
  readonly markerOf: (line: string) => Marker | null
  /** Whether a file of this text is plainly meant for this tool. */
  readonly recognises: (name: string, text: string) => boolean
  /** A file that opens no section is an up script as a whole. */
  readonly wholeIsUp?: boolean
  /** What the tool does to a text before it reads it. */
  readonly prepare?: (files: MigrationFiles, name: string) => string
}

/** The layout of the tools that keep both directions of a migration in `N_name.sql`. */
export const oneFile = ({ opening, markerOf, recognises, wholeIsUp = false, prepare }: OneFile): Layout => ({
  claims: ({ names, peek }) => names.filter((name) => NAME.test(name) && recognises(name, peek(name))),
  read: async (files) => {
    const problems: FileProblem[] = []
    const others: OtherFile[] = []
    const drafts: Draft[] = []
    for (const name of files.names) {
      const parts = NAME.exec(name)?.groups as { version: string; name?: string } | undefined
      const file = files.locate(name)
      if (!parts) {
        if (/^[a-z_]\w*\.go$/i.test(name)) others.push({ file, what: 'Go code beside the migrations' })
        else problems.push(unread(files, name, '0001_name.sql'))
        continue
      }
      const text = prepare ? prepare(files, name) : files.text(name)
      const opensUp = text.split('\n').some((line) => isOpening(markerOf(line)))
      const startsIn = wholeIsUp && !opensUp ? 'up' : null
      const { up, down, irreversible, header } = readSections(file, text, markerOf, startsIn)
      if (up === null && down === null) {
        const message = `${name} has no line "${opening}": it is not run`
        problems.push({ rule: 'files/no-section', file, message })
        continue
      }
      drafts.push({ version: parts.version, name: parts.name ?? '', up, down, irreversible })
      if (await isEmptyScript(header)) continue
      const message = `${name} has a statement above its first section: it is never run; move it below "${opening}"`
      problems.push({ rule: 'files/outside-section', file, message })
    }
    return { drafts, problems, others }
  },
})

const isOpening = (marker: Marker | null): boolean => marker?.says === 'section' && marker.direction === 'up'
