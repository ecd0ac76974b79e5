import { basename, extname } from 'node:path'
import type { FileProblem } from '../migration.ts'
import type { MigrationFiles } from './files.ts'

const LANGUAGES: Readonly<Record<string, string>> = {
  '.go': 'Go',
  '.ts': 'TypeScript',
  '.mts': 'TypeScript',
  '.cts': 'TypeScript',
  '.js': 'JavaScript',
  '.mjs': 'JavaScript',
  '.cjs': 'JavaScript',
  '.java': 'Java',
  '.kt': 'Kotlin',
  '.rs': 'Rust',
  '.rb': 'Ruby',
  '.py': 'Python',
  '.sh': 'a shell',
}

/** Why a file that a layout has no use for is not run; `example` is a name that the layout reads. */
export function unread(files: MigrationFiles, name: string, example: string): FileProblem {
  const file = files.locate(name)
  const problem = (rule: FileProblem['rule'], why: string): FileProblem => ({ rule, file, message: `${name} ${why}` })
  const base = basename(name)
  const language = LANGUAGES[extname(base)]
  if (language && /^[VURB]?\d/.test(base)) {
    return problem(
      'files/skipped-file',
      `is a migration in ${language}: landfall runs SQL alone, and a later script may need what it makes`,
    )
  }
  const right = /^(?<stem>[^/]*)[_-](?<direction>up|down)\.sql$/i.exec(name)?.groups
  if (right && example.endsWith('.up.sql')) {
    const { stem, direction } = right as { stem: string; direction: string }
    return problem(
      'files/bad-name',
      `is not named like a migration: it is not run; ${stem}.${direction.toLowerCase()}.sql would be`,
    )
  }
  if (name.includes('/')) {
    return problem('files/bad-name', 'stands in a sub-directory, where no migration of this layout is: it is not run')
  }
  return problem('files/bad-name', 'is not named like a migration: it is not run')
}
