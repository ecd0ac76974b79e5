import { existsSync, mkdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { LandfallError, messageOf } from '../error.ts'

export interface OpenOptions {
  /** Makes the file, and its directory, when there is none. */
  readonly create?: boolean
  readonly readOnly?: boolean
  /** How long a statement waits for another connection, in milliseconds. */
  readonly busyMs?: number
}

/**
 * Opens a SQLite file, with foreign keys enforced.
 * @throws {LandfallError} `environment`: there is none, or it is no database
 */
export function openSqlite(
  file: string,
  { create = false, readOnly = false, busyMs = 5000 }: OpenOptions,
): DatabaseSync {
  if (!create && !existsSync(file))
    throw unreachable(
      file,
      'there is no such file',
      'landfall migrate up makes it; check --database-url or DATABASE_URL',
    )
  try {
    if (create) mkdirSync(dirname(file), { recursive: true })
    const database = new DatabaseSync(file, { readOnly, timeout: busyMs, enableForeignKeyConstraints: true })
    database.prepare('select count(*) from sqlite_schema').get() // says whether it is a database at all
    return database
  } catch (error) {
    throw unreachable(
      file,
      messageOf(error),
      'check --database-url or DATABASE_URL, and who may read and write the file',
    )
  }
}

const unreachable = (file: string, why: string, next: string): LandfallError =>
  new LandfallError('environment', 'database/unreachable', `cannot open the SQLite file ${file}: ${why}`, { next })

/** SQLITE_BUSY: another connection writes. */
export const isBusy = (error: unknown): boolean => (Number((error as { errcode?: number }).errcode) & 0xff) === 5
