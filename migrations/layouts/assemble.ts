import { basename } from 'node:path'
import { compareMigrations, versionKey, type FileProblem, type Migration, type Script } from '../migration.ts'
import { isEmptyScript } from '../script.ts'
import type { LayoutName } from '../settings.ts'
import type { Draft, MigrationSet, Reading } from './layout.ts'

/** What all layouts have in common: both directions are there and say something, versions are unique and in order. */
export async function assemble(layout: LayoutName, { drafts, problems, others }: Reading): Promise<MigrationSet> {
  const judged = await Promise.all(drafts.map(judge))
  const migrations = judged.flatMap(({ migration }) => migration ?? []).toSorted(compareMigrations)
  const empty = judged.flatMap(({ emptyDown, problem }) =>
    emptyDown === null || problem?.file === emptyDown
      ? []
      : { file: emptyDown, what: 'a down script without a statement' },
  )
  const all = [...problems, ...judged.flatMap(({ problem }) => problem ?? []), ...duplicates(migrations)]
  return { layout, migrations, problems: all, others: [...others, ...empty] }
}

interface Judged {
  readonly migration: Migration | null
  readonly problem: FileProblem | null
  /** A down script of its own file that holds no statement. */
  readonly emptyDown: string | null
}

async function judge({ mayBeEmpty = false, ...draft }: Draft): Promise<Judged> {
  const { up, down, irreversible } = draft
  if (up === null) {
    const { file } = down!
    const message = `${partOf(down!, null, 'down')} has no up script`
    return { migration: null, problem: { rule: 'files/down-without-up', file, message }, emptyDown: null }
  }
  const isEmpty = down !== null && (await isEmptyScript(down.sql))
  const emptyDown = isEmpty && down.file !== up.file ? down.file : null
  const migration: Migration = { ...draft, up, down: isEmpty ? null : down }
  if (await isEmptyScript(up.sql)) {
    const message = `${partOf(up, down, 'up')} holds no statement`
    return { migration, problem: mayBeEmpty ? null : at(up, { rule: 'files/empty-up', message }), emptyDown }
  }
  if (migration.down !== null || irreversible !== null) return { migration, problem: null, emptyDown }
  const message = down === null ? `${nameOf(up)} has no down script` : `${partOf(down, up, 'down')} holds no statement`
  return {
    migration,
    problem: at(down ?? { ...up, firstLine: 1 }, { rule: 'files/up-without-down', message }),
    emptyDown,
  }
}

const at = (script: Script, problem: Pick<FileProblem, 'rule' | 'message'>): FileProblem =>
  script.firstLine === 1 ? { file: script.file, ...problem } : { file: script.file, line: script.firstLine, ...problem }

/** A file by its name; where both directions share one, the section is named. */
const partOf = (script: Script, other: Script | null, direction: 'up' | 'down'): string =>
  script.firstLine > 1 || script.file === other?.file ? `the ${direction} section of ${nameOf(script)}` : nameOf(script)

/** `up.sql` alone says nothing: the directory is the name then. */
function nameOf({ file }: Script): string {
  const name = basename(file)
  return /^(up|down)\.sql$/.test(name) ? file.split('/').slice(-2).join('/') : name
}

function duplicates(migrations: readonly Migration[]): FileProblem[] {
  return migrations.flatMap((migration, index) => {
    const earlier = migrations[index - 1]
    if (!earlier || versionKey(earlier.version) !== versionKey(migration.version)) return []
    const message = `version ${migration.version} is taken twice: by ${earlier.up.file} and ${migration.up.file}`
    return [{ rule: 'files/duplicate-version' as const, file: migration.up.file, message }]
  })
}
