import { LandfallError } from '../error.ts'
import type { LayoutName } from '../settings.ts'
import { dbmate } from './dbmate.ts'
import { directory } from './directory.ts'
import type { MigrationFiles } from './files.ts'
import { flyway } from './flyway.ts'
import { goose } from './goose.ts'
import type { Layout } from './layout.ts'
import { nodePgMigrate } from './node-pg-migrate.ts'
import { pair } from './pair.ts'
import { popx } from './popx.ts'
import { sqlMigrate } from './sql-migrate.ts'

/** Every layout there is. */
export const layouts: Readonly<Record<LayoutName, Layout>> = {
  pair,
  directory,
  dbmate,
  goose,
  'sql-migrate': sqlMigrate,
  flyway,
  'node-pg-migrate': nodePgMigrate,
  popx,
}

/**
 * The layout that claims every file that any layout claims; `pair` when none claims one. Where no layout does, or two do,
 * a guess would run half of the migrations: that is an error with the candidates.
 */
export function detectLayout(directoryPath: string, files: MigrationFiles): LayoutName {
  const candidates = (Object.keys(layouts) as LayoutName[])
    .map((name) => ({ name, claims: layouts[name].claims(files) }))
    .filter(({ claims }) => claims.length > 0)
    .toSorted((a, b) => b.claims.length - a.claims.length)
  const claimed = new Set(candidates.flatMap(({ claims }) => claims)).size
  const fitting = candidates.filter(({ claims }) => claims.length === claimed)
  if (candidates.length === 0) return 'pair'
  if (fitting.length === 1) return fitting[0]!.name
  const shown = candidates.map(({ name, claims }) => `${name} (${example(claims)})`).join(', ')
  const message = `the migrations directory ${directoryPath} reads as more than one layout: ${shown}`
  throw new LandfallError('usage', 'migrations/mixed-layouts', message, {
    next: `say which: migrations: { dir: '${directoryPath}', layout: '${candidates[0]!.name}' } in the config, and list the files of another under exclude`,
    location: { file: directoryPath, line: null, column: null },
    fields: { candidates: candidates.map(({ name }) => name) },
  })
}

const example = ([first, ...more]: readonly string[]): string =>
  more.length === 0 ? first! : `${first!} and ${more.length} more`
