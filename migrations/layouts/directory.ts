import type { FileProblem } from '../migration.ts'
import { readScript } from './files.ts'
import type { Draft, Layout, OtherFile } from './layout.ts'
import { readSwitch } from './switch.ts'
import { unread } from './unread.ts'

const NAME = /^(?<directory>(?<version>\d[\d-]*)(?:[_ ](?<name>[^/]*))?)\/(?<file>up\.sql|down\.sql|metadata\.toml)$/

/**
 * diesel: `2024-01-31-120000_name/up.sql` and `down.sql`, with or without dashes in the date;
 * `run_in_transaction = false` in its `metadata.toml` holds for both.
 */
export const directory: Layout = {
  claims: ({ names }) => names.filter((name) => NAME.test(name)),
  read: async (files) => {
    const problems: FileProblem[] = []
    const others: OtherFile[] = []
    const drafts = new Map<string, Draft>()
    const outside = new Set<string>()
    for (const path of files.names) {
      const parts = NAME.exec(path)?.groups as
        | { directory: string; version: string; name?: string; file: string }
        | undefined
      if (!parts) {
        problems.push(unread(files, path, '2024-01-31-120000_name/up.sql'))
      } else if (parts.file === 'metadata.toml') {
        others.push({ file: files.locate(path), what: `settings of ${parts.directory}` })
        if (readSwitch(files, path, 'run_in_transaction') === false) outside.add(parts.directory)
      } else {
        const { script, irreversible } = readScript(files, path)
        const known = drafts.get(parts.directory) ?? {
          version: versionOf(parts.version),
          name: parts.name ?? '',
          up: null,
          down: null,
          irreversible: null,
        }
        drafts.set(
          parts.directory,
          parts.file === 'up.sql' ? { ...known, up: script, irreversible } : { ...known, down: script },
        )
      }
    }
    return {
      drafts: [...drafts].map(([name, draft]) => (outside.has(name) ? outsideTransaction(draft) : draft)),
      problems,
      others,
    }
  },
}

/** `2024-01-31-120000-0002` counts within a second: that is a part of its own, or dates of 14 digits would sort below. */
function versionOf(written: string): string {
  const dated = /^(\d{4}-?\d\d-?\d\d-?\d{6})-(\d+)$/.exec(written)
  const [moment, count] = dated ? [dated[1]!, dated[2]!] : [written, '0']
  return moment.replaceAll('-', '') + (/^0+$/.test(count) ? '' : `.${count}`)
}

const outsideTransaction = ({ up, down, ...draft }: Draft): Draft => ({
  ...draft,
  up: up && { ...up, transaction: false },
  down: down && { ...down, transaction: false },
})
