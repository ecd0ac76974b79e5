import { basename } from 'node:path'
import { compareVersions, type FileProblem, type Script, versionKey } from '../migration.ts'
import { undeclaredRefusal } from '../script.ts'
import { readScript, type MigrationFiles } from './files.ts'
import type { Draft, Layout, OtherFile } from './layout.ts'
import { readSwitch } from './switch.ts'
import { unread } from './unread.ts'

const VERSIONED = /^(?<kind>[VUB])(?<version>\d+(?:[._]\d+)*)__(?<name>.+)\.sql$/
const REPEATABLE = /^R__(?<name>.+)\.sql$/
const CALLBACK = /^(before|after)[A-Z]\w*\.sql$|^create[A-Z]\w*\.sql$/

const NO_UNDO = {
  repeatable: 'a repeatable migration of Flyway has no undo',
  baseline: 'a baseline migration of Flyway has no undo',
} as const

interface Versioned {
  readonly file: string
  readonly version: string
  readonly name: string
}

/**
 * Flyway: `V1__name.sql`, undone by `U1__name.sql`; `R__name.sql` runs last; `B1__name.sql` starts where nothing older
 * is there. `executeInTransaction=false` in `V1__name.sql.conf`; a script that needs it does without. Sub-directories are
 * read too, as Flyway reads them.
 */
export const flyway: Layout = {
  claims: ({ names }) => names.filter((name) => isFlyway(basename(name))),
  read: async (files) => {
    const problems: FileProblem[] = []
    const others: OtherFile[] = []
    const kinds: Record<string, Versioned[]> = { V: [], U: [], B: [] }
    const drafts: Draft[] = []
    for (const file of files.names) {
      const base = basename(file)
      const parts = VERSIONED.exec(base)?.groups as { kind: string; version: string; name: string } | undefined
      const repeatable = REPEATABLE.exec(base)?.groups?.['name']
      if (parts) {
        kinds[parts.kind]!.push({ file, version: parts.version.replaceAll('_', '.'), name: parts.name })
      } else if (repeatable !== undefined) {
        const known = { version: `R__${repeatable}`, name: repeatable, irreversible: NO_UNDO.repeatable }
        drafts.push({ ...known, up: (await read(files, file)).script, down: null })
      } else if (base.endsWith('.sql.conf') && files.names.includes(file.slice(0, -'.conf'.length))) {
        others.push({ file: files.locate(file), what: `settings of ${base.slice(0, -'.conf'.length)}` })
      } else if (CALLBACK.test(base)) {
        const message = `${file} is a callback of Flyway: landfall does not run it`
        problems.push({ rule: 'files/skipped-file', file: files.locate(file), message })
      } else problems.push(unread(files, file, 'V1__name.sql'))
    }
    const undo = new Map<string, Versioned>()
    for (const parts of kinds['U']!) {
      const first = undo.get(versionKey(parts.version))
      if (!first) undo.set(versionKey(parts.version), parts)
      else {
        const message = `version ${parts.version} has two undo scripts: ${first.file} is run, ${parts.file} is not`
        problems.push({ rule: 'files/duplicate-version', file: files.locate(parts.file), message })
      }
    }
    for (const parts of kinds['V']!) {
      const down = undo.get(versionKey(parts.version))
      undo.delete(versionKey(parts.version))
      const { script, irreversible } = await read(files, parts.file)
      drafts.push({
        ...toDraft(parts),
        up: script,
        down: down ? (await read(files, down.file)).script : null,
        irreversible,
      })
    }
    for (const parts of undo.values()) drafts.push({ ...toDraft(parts), down: (await read(files, parts.file)).script })
    for (const parts of kinds['B']!) {
      const older = kinds['V']!.find(({ version }) => compareVersions(version, parts.version) <= 0)
      if (older) {
        const message = `${parts.file} stands in for ${older.file} and what follows it: landfall runs those, not the baseline`
        problems.push({ rule: 'files/skipped-file', file: files.locate(parts.file), message })
      } else {
        drafts.push({ ...toDraft(parts), up: (await read(files, parts.file)).script, irreversible: NO_UNDO.baseline })
      }
    }
    return { drafts, problems, others }
  },
}

const isFlyway = (base: string): boolean =>
  (VERSIONED.test(base) || REPEATABLE.test(base)) && !/\.(up|down)\.sql$/.test(base)

const toDraft = ({ version, name }: Versioned): Draft => ({ version, name, up: null, down: null, irreversible: null })

async function read(files: MigrationFiles, file: string): Promise<{ script: Script; irreversible: string | null }> {
  const { script: written, irreversible } = readScript(files, file)
  const script = { ...written, sql: withPlaceholders(written.sql, files.variables) }
  const settings = `${file}.conf`
  const said = files.names.includes(settings) ? readSwitch(files, settings, 'executeInTransaction') : null
  const inside = said ?? (await undeclaredRefusal(script)) === null
  return { script: inside ? script : { ...script, transaction: false }, irreversible }
}

/** `${name}` is replaced where `name` has a value; without one it is text like any other. */
const withPlaceholders = (sql: string, variables: Readonly<Record<string, string>>): string =>
  sql.replaceAll(/\$\{([^{}\n]+)\}/g, (written, name: string) => variables[name] ?? written)
