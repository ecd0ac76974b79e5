import type { Draft, Layout, OtherFile } from './layout.ts'
import { readScript, type MigrationFiles } from './files.ts'
import type { FileProblem, Script } from '../migration.ts'
import { hasDialect } from './popx.ts'
import { unread } from './unread.ts'
import { versionKey } from '../migration.ts'

const NAME = /^V?(?<version>\d+)[._-](?<name>[^/]+)\.(?<direction>up|down)\.sql$/

export interface PairName {
  readonly version: string
  readonly name: string
  readonly direction: 'up' | 'down'
}

/** `0001_create_users.up.sql` in its parts; null for any other name. */
export const parsePairName = (file: string): PairName | null =>
  (NAME.exec(file)?.groups as PairName | undefined) ?? null

/**
 * `NNNN_name.up.sql` with `NNNN_name.down.sql`: landfall's own layout, and that of golang-migrate, sqlx and grouped
 * node-pg-migrate; padded or not, timestamps, `V0001.Name.up.sql`.
 */
export const pair: Layout = {
  claims: ({ names }) => names.filter((name) => parsePairName(name) !== null && !hasDialect(name)),
  read: async (files) => {
    const problems: FileProblem[] = []
    const drafts = new Map<string, Draft>()
    for (const file of files.names) {
      const parts = parsePairName(file)
      if (parts === null) {
        problems.push(unread(files, file, '0001_name.up.sql'))
        continue
      }
      const { version, name, direction } = parts
      const { script, irreversible } = readPairScript(files, file)
      const key = `${versionKey(version)} ${name}`
      const known = drafts.get(key) ?? { version, name, up: null, down: null, irreversible: null }
      drafts.set(key, { ...known, [direction]: script, ...(direction === 'up' ? { irreversible } : {}) })
    }
    return { drafts: [...drafts.values()], problems, others: [] satisfies OtherFile[] }
  },
}

/** sqlx says `-- no-transaction` in the first line. */
function readPairScript(files: MigrationFiles, file: string): { script: Script; irreversible: string | null } {
  const { script, irreversible } = readScript(files, file)
  const transaction = script.transaction && !script.sql.startsWith('-- no-transaction')
  return { script: { ...script, transaction }, irreversible }
}
