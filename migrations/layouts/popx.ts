import { basename } from 'node:path'
import type { FileProblem, Script } from '../migration.ts'
import { versionKey } from '../migration.ts'
import { readScript, type MigrationFiles } from './files.ts'
import type { Draft, Layout, OtherFile } from './layout.ts'
import { unread } from './unread.ts'

const OWN = new Set(['postgres', 'postgresql', 'pg'])
const FOREIGN = new Set(['cockroach', 'mysql', 'mariadb', 'sqlite', 'sqlite3', 'mssql'])

const NAME =
  /^(?<version>\d+)_(?<name>[^./]+)(?:\.(?<dialect>[a-z0-9]+))??(?<autocommit>\.autocommit)?\.(?<direction>up|down)\.sql$/

interface PopxName {
  readonly file: string
  readonly version: string
  readonly name: string
  /** Undefined for a file of every dialect. */
  readonly dialect: string | undefined
  readonly autocommit: string | undefined
  readonly direction: 'up' | 'down'
}

function parse(file: string): PopxName | null {
  const parts = NAME.exec(file)?.groups as Omit<PopxName, 'file'> | undefined
  if (!parts || (parts.dialect !== undefined && !OWN.has(parts.dialect) && !FOREIGN.has(parts.dialect))) return null
  return { file, ...parts }
}

/** Whether a name says which database it is for, or that it commits by itself. */
export function hasDialect(file: string): boolean {
  const parts = parse(file)
  return parts !== null && (parts.dialect !== undefined || parts.autocommit !== undefined)
}

/**
 * popx, of Ory: `N_name.up.sql`, where `N_name.postgres.up.sql` wins over it and other dialects are not PostgreSQL's;
 * `.autocommit.` runs outside a transaction.
 */
export const popx: Layout = {
  claims: ({ names }) => (names.some(hasDialect) ? names.filter((name) => parse(name) !== null) : []),
  read: async (files) => {
    const problems: FileProblem[] = []
    const others: OtherFile[] = []
    const groups = new Map<string, PopxName[]>()
    for (const file of files.names) {
      const parts = parse(file)
      if (parts === null) {
        problems.push(unread(files, file, '0001_name.postgres.up.sql'))
        continue
      }
      const key = `${versionKey(parts.version)} ${parts.name}`
      groups.set(key, [...(groups.get(key) ?? []), parts])
    }
    problems.push(...foreignFiles(files, [...groups.values()].flat()))
    const drafts: Draft[] = []
    for (const group of groups.values()) {
      const [up, down] = [choose(group, 'up'), choose(group, 'down')]
      for (const { file, dialect } of group) {
        if (file !== up?.file && file !== down?.file) others.push({ file: files.locate(file), what: reason(dialect) })
      }
      if (up || down) drafts.push(toDraft(files, group, up, down))
    }
    return { drafts, problems, others }
  },
}

/** One note per database, since they may be hundreds. */
function foreignFiles(files: MigrationFiles, names: readonly PopxName[]): FileProblem[] {
  const byDialect = Map.groupBy(
    names.filter(({ dialect }) => dialect !== undefined && FOREIGN.has(dialect)),
    ({ dialect }) => dialect!,
  )
  return [...byDialect].map(([dialect, [first, ...more]]) => {
    const counted = more.length === 0 ? `${first!.file} is` : `${first!.file} and ${more.length} more are`
    const message = `${counted} for ${dialect}: not run on PostgreSQL`
    return { rule: 'files/other-dialect', file: files.locate(first!.file), message }
  })
}

/** PostgreSQL's own file, else the one of every dialect. */
const choose = (group: readonly PopxName[], direction: 'up' | 'down'): PopxName | undefined => {
  const candidates = group.filter((parts) => parts.direction === direction)
  return (
    candidates.find(({ dialect }) => dialect !== undefined && OWN.has(dialect)) ??
    candidates.find(({ dialect }) => dialect === undefined)
  )
}

const reason = (dialect: string | undefined): string =>
  dialect === undefined
    ? 'the file of every dialect, where PostgreSQL has its own'
    : OWN.has(dialect)
      ? 'a second file of PostgreSQL’s'
      : `for ${dialect}, not for PostgreSQL`

function toDraft(
  files: MigrationFiles,
  group: readonly PopxName[],
  up: PopxName | undefined,
  down: PopxName | undefined,
): Draft {
  const { version, name } = group[0]!
  const script = (parts: PopxName | undefined): { script: Script; irreversible: string | null } | null => {
    if (!parts) return null
    const read = readScript(files, basename(parts.file))
    return { ...read, script: { ...read.script, transaction: read.script.transaction && !parts.autocommit } }
  }
  const read = script(up)
  return {
    version,
    name,
    up: read?.script ?? null,
    down: script(down)?.script ?? null,
    irreversible: read?.irreversible ?? null,
    mayBeEmpty: group.some(({ dialect }) => dialect !== undefined && FOREIGN.has(dialect)),
  }
}
