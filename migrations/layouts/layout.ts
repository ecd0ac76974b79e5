import type { FileProblem, Migration } from '../migration.ts'
import type { LayoutName } from '../settings.ts'
import type { MigrationFiles } from './files.ts'

/** What a directory of migrations holds: every file is read as a migration, or named with what is wrong with it. */
export interface MigrationSet {
  readonly layout: LayoutName
  /** In the order in which they run. */
  readonly migrations: readonly Migration[]
  readonly problems: readonly FileProblem[]
  /** Files that are rightly no migration. With the scripts and the problems they account for every file there is. */
  readonly others: readonly OtherFile[]
}

/** A file beside the migrations, and what it is. */
export interface OtherFile {
  readonly file: string
  readonly what: string
}

/** What a layout makes of a directory, before what all layouts have in common is judged. */
export interface Reading {
  readonly drafts: readonly Draft[]
  readonly problems: readonly FileProblem[]
  readonly others: readonly OtherFile[]
}

/** A migration as its files stand, complete or not. */
export interface Draft extends Omit<Migration, 'up'> {
  readonly up: Migration['up'] | null
  /** True when a script without a statement is meant: the migration is for another database. */
  readonly mayBeEmpty?: boolean
}

/** A way to lay out migrations in a directory. */
export interface Layout {
  /** The files that are plainly of this layout, by their names and their text. */
  readonly claims: (files: MigrationFiles) => readonly string[]
  /** Accounts for every file: a draft, a problem, or something else with a name. */
  readonly read: (files: MigrationFiles) => Promise<Reading>
}
