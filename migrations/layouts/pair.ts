import { join } from 'node:path'
import { readDirectives } from '../directives.ts'
import { LandfallError } from '../error.ts'
import { compareVersions, type FileProblem, type Migration, type Script } from '../migration.ts'
import { isEmptyScript } from '../script.ts'
import type { MigrationDirectory, MigrationSet } from './read.ts'

const NAME = /^V?(?<version>\d+)[._-](?<name>.+)\.(?<direction>up|down)\.sql$/

interface Pair {
  readonly version: string
  readonly name: string
  readonly up?: string
  readonly down?: string
}

/**
 * `NNNN_name.up.sql` with `NNNN_name.down.sql`: landfall's own layout, and that of golang-migrate, sqlx and grouped
 * node-pg-migrate; padded or not, timestamps, `V0001.Name.up.sql`.
 */
export async function readPairs({ path: directory, files, read }: MigrationDirectory): Promise<MigrationSet> {
  const pairs = new Map<string, Pair>()
  const problems: FileProblem[] = []
  for (const file of files) {
    const parts = NAME.exec(file)?.groups as { version: string; name: string; direction: 'up' | 'down' } | undefined
    if (!parts) {
      const message = `${file} is not named like a migration: it is not run`
      problems.push({ rule: 'files/bad-name', file: join(directory, file), message })
      continue
    }
    const key = `${BigInt(parts.version)} ${parts.name}`
    pairs.set(key, { version: parts.version, name: parts.name, ...pairs.get(key), [parts.direction]: file })
  }
  const migrations: Migration[] = []
  for (const pair of pairs.values()) {
    const migration = await toMigration({ path: directory, files, read }, pair, problems)
    if (migration) migrations.push(migration)
  }
  migrations.sort((a, b) => compareVersions(a.version, b.version))
  problems.push(...duplicates(migrations))
  return { migrations, problems }
}

async function toMigration(
  { path: directory, read }: MigrationDirectory,
  pair: Pair,
  problems: FileProblem[],
): Promise<Migration | null> {
  if (pair.up === undefined) {
    const file = join(directory, pair.down!)
    problems.push({ rule: 'files/down-without-up', file, message: `${pair.down!} has no up script` })
    return null
  }
  const { script: up, irreversible } = readScript(join(directory, pair.up), await read(pair.up))
  const down = pair.down === undefined ? null : readScript(join(directory, pair.down), await read(pair.down)).script
  const emptyDown = down !== null && (await isEmptyScript(down.sql))
  if (await isEmptyScript(up.sql)) {
    problems.push({ rule: 'files/empty-up', file: up.file, message: `${pair.up} holds no statement` })
  } else if (irreversible === null && (down === null || emptyDown)) {
    const message = down === null ? `${pair.up} has no down script` : `${pair.down!} holds no statement`
    problems.push({ rule: 'files/up-without-down', file: down?.file ?? up.file, message })
  }
  return { version: pair.version, name: pair.name, up, down: emptyDown ? null : down, irreversible }
}

function readScript(file: string, bytes: Uint8Array): { script: Script; irreversible: string | null } {
  let text: string
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch (cause) {
    throw new LandfallError('usage', 'migrations/not-utf8', `${file} is not UTF-8 text`, {
      next: 'save the file as UTF-8',
      location: { file, line: null, column: null },
      cause,
    })
  }
  const sql = text.replaceAll('\r\n', '\n')
  const { transaction, irreversible } = readDirectives(file, sql)
  return { script: { file, sql, transaction, firstLine: 1 }, irreversible }
}

function duplicates(migrations: readonly Migration[]): FileProblem[] {
  return migrations.flatMap((migration, index) => {
    const earlier = migrations[index - 1]
    if (!earlier || compareVersions(earlier.version, migration.version) !== 0) return []
    const message = `version ${migration.version} is taken twice: by ${earlier.up.file} and ${migration.up.file}`
    return [{ rule: 'files/duplicate-version' as const, file: migration.up.file, message }]
  })
}
