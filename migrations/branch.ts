import type { Node } from 'libpg-query'
import {
  compareVersions,
  isRepeatable,
  migrationLabel,
  versionKey,
  type FileProblem,
  type Migration,
  type Script,
} from './migration.ts'
import { statementsOf } from './script.ts'

/** What the branch does to the migrations of its base. */
export interface BranchComparison {
  /** The up files of the migrations that the branch adds. */
  readonly added: ReadonlySet<string>
  /** The branch's migrations in the order in which a database of the base meets them. */
  readonly production: readonly Migration[]
  /** What the base has gained since the branch left it, and the branch lacks. */
  readonly incoming: readonly Migration[]
  /** All migrations after a merge, in the order in which a database of the base meets them; the branch's own come last. */
  readonly merged: readonly Migration[]
  readonly problems: readonly FileProblem[]
}

/** Three states of the migrations of a system. */
export interface BranchStates {
  /** Where the branch left its base. */
  readonly fork: readonly Migration[]
  /** The base as it is now. */
  readonly base: readonly Migration[]
  /** The branch. */
  readonly head: readonly Migration[]
}

/** What is merged may not change: databases that ran it never see the new text. Line ends and byte-order marks are no change. */
export async function compareBranch({ fork, base, head }: BranchStates): Promise<BranchComparison> {
  const { merged, gone } = match(fork, head)
  const others = base.filter((migration) => !match(fork, base).merged.has(migration))
  // What both have is merged, whichever way it came to the branch.
  for (const [migration, other] of match(
    others,
    head.filter((each) => !merged.has(each)),
  ).merged)
    if (migration.name === other.name) merged.set(migration, other)
  const added = head.filter((migration) => !merged.has(migration))
  const incoming = others.filter((other) => ![...merged.values()].includes(other))
  const problems = [...(await clashes(added, incoming))]
  const newest = base.findLast((migration) => !isRepeatable(migration))
  for (const migration of head) {
    const before = merged.get(migration)
    if (before) problems.push(...changes(before, migration))
    else if (incoming.some(({ version }) => versionKey(version) === versionKey(migration.version))) continue // said as a duplicate
    else if (newest && compareVersions(migration.version, newest.version) < 0) {
      const message = `is new, and comes before ${migrationLabel(newest)}, which is merged`
      problems.push(problem('files/inserted-before-base-head', migration, message))
    }
  }
  for (const before of gone) {
    const moved = added.find(({ up }) => up.sql === before.up.sql)
    problems.push(
      moved
        ? problem('files/renamed-after-merge', moved, `was ${migrationLabel(before)} when it was merged`)
        : problem('files/deleted-after-merge', before, 'is merged, and its file is gone'),
    )
  }
  return {
    added: new Set(added.map(({ up }) => up.file)),
    production: inProduction(head, added),
    incoming,
    merged: inProduction([...base, ...added], added),
    problems,
  }
}

/** Merged migrations first, then the branch's, then what is repeated: the order in which a database meets them. */
const inProduction = (head: readonly Migration[], added: readonly Migration[]): Migration[] => {
  const rank = (migration: Migration): number => (isRepeatable(migration) ? 2 : added.includes(migration) ? 1 : 0)
  return head.toSorted((a, b) => rank(a) - rank(b))
}

/** What the branch and its base have added since they parted, against each other: a version, or an object of the schema. */
async function clashes(added: readonly Migration[], incoming: readonly Migration[]): Promise<FileProblem[]> {
  const problems: FileProblem[] = []
  for (const migration of added) {
    const own = await namesIn(migration.up)
    for (const other of incoming) {
      if (!isRepeatable(other) && versionKey(other.version) === versionKey(migration.version)) {
        problems.push(
          problem(
            'files/duplicate-version',
            migration,
            `takes a version that ${migrationLabel(other)} has on the base`,
          ),
        )
      }
      const shared = [...(await namesIn(other.up))].filter((name) => own.has(name))
      if (shared.length === 0) continue
      const message = `touches ${shared.join(', ')}, and so does ${migrationLabel(other)}, which was merged since the branch began`
      problems.push(problem('files/same-object-on-both-branches', migration, message))
    }
  }
  return problems
}

/** The relations and dropped objects that a script names; none for one that cannot be parsed, which is said elsewhere. */
async function namesIn(script: Script): Promise<ReadonlySet<string>> {
  const names = new Set<string>()
  const strings = (node: unknown, key: string): string[] =>
    node === null || typeof node !== 'object'
      ? []
      : Object.entries(node).flatMap(([name, value]) =>
          name === key && typeof value === 'string' ? [value] : strings(value, key),
        )
  const named = (node: Node): string[] =>
    'DropStmt' in node
      ? (node.DropStmt.objects ?? []).map((object) => strings(object, 'sval').at(-1) ?? '')
      : strings(node, 'relname')
  for (const { node } of await statementsOf(script).catch(() => [])) for (const name of named(node)) names.add(name)
  return names
}

interface Matched {
  /** A migration of the branch → what it was in the base. */
  readonly merged: Map<Migration, Migration>
  /** Those of the base that the branch no longer has. */
  readonly gone: readonly Migration[]
}

/** By version; one that is taken twice is told apart by name. */
function match(base: readonly Migration[], head: readonly Migration[]): Matched {
  const exact = ({ version, name }: Migration): string => `${versionKey(version)} ${name}`
  const byVersion = ({ version }: Migration): string => versionKey(version)
  const merged = new Map<Migration, Migration>()
  let gone = [...base]
  for (const keyOf of [exact, byVersion]) {
    const waiting = Map.groupBy(gone, keyOf)
    for (const migration of head) {
      const before = merged.has(migration) ? undefined : waiting.get(keyOf(migration))?.shift()
      if (before) merged.set(migration, before)
    }
    gone = [...waiting.values()].flat()
  }
  return { merged, gone }
}

function changes(before: Migration, after: Migration): FileProblem[] {
  if (before.name !== after.name)
    return [problem('files/renamed-after-merge', after, `was ${migrationLabel(before)} when it was merged`)]
  if (isRepeatable(after)) return [] // its text is meant to change
  if (before.up.sql !== after.up.sql)
    return [problem('files/edited-after-merge', after, 'is merged, and its up script is not what it was')]
  if (before.down?.sql === after.down?.sql) return []
  return [
    {
      ...problem('files/down-edited-after-merge', after, 'is merged; only its down script changed'),
      file: after.down?.file ?? after.up.file,
    },
  ]
}

const problem = (rule: FileProblem['rule'], migration: Migration, message: string): FileProblem => ({
  rule,
  file: migration.up.file,
  message: `${migrationLabel(migration)} ${message}`,
})
