import type { CopyConnection } from './copy-connection.ts'
import { identifier } from './identifier.ts'
import { encodeValue } from './encode.ts'
import type { PreparedRecord, RowValues } from './record.ts'
import type { Target, TargetColumn } from './target.ts'

/** A temporary table beside a target: its columns without constraints, and for each row the place that it came from. */
export const stageName = (index: number): string => `pg_temp.landfall_stage_${index}`

/**
 * What stands in the stage for a column that a record does not mention: its default, or NULL where nothing may be
 * written.
 */
export type Omitted = 'default' | 'null'

/** What a stage has beside the columns of its target: number, record, omitted columns and version of a row. */
const OWN = { landfall_n: 'bigint', landfall_record: 'bigint', landfall_omitted: 'int[]', landfall_version: 'text' }

/** Makes the stage of a target in this session, outside of any transaction. */
export async function createStage(
  connection: CopyConnection,
  target: Target,
  index: number,
  omitted: Omitted,
): Promise<void> {
  const name = `landfall_stage_${index}`
  const columns = (of: (name: string, type: string) => string): string =>
    Object.entries(OWN)
      .map(([column, type]) => of(column, type))
      .join(', ')
  if (omitted === 'null') {
    await connection.query(`create temp table if not exists ${name} on commit delete rows as
      select t.*, ${columns((column, type) => `null::${type} as ${column}`)} from ${target.sql} t with no data`)
    return
  }
  const loosened = [...target.columns.keys()].map((column) => `alter column ${identifier(column)} drop not null`)
  await connection.query(`create temp table if not exists ${name}
    (like ${target.sql} including defaults, ${columns((column, type) => `${column} ${type}`)}) on commit delete rows;
    alter table ${stageName(index)} ${loosened.join(', ')}`)
}

/** Fills the stage, which is empty again when the transaction ends. */
export async function fillStage(
  connection: CopyConnection,
  index: number,
  columns: readonly TargetColumn[],
  records: readonly PreparedRecord[],
  omitted: Omitted,
): Promise<void> {
  await connection.query(`delete from ${stageName(index)}`) // a read-only transaction refuses to truncate
  await addToStage(connection, index, columns, records, omitted)
}

/** Adds rows to what is in the stage. */
export async function addToStage(
  connection: CopyConnection,
  index: number,
  columns: readonly TargetColumn[],
  records: readonly PreparedRecord[],
  omitted: Omitted,
): Promise<void> {
  const names = [...columns.map(({ name }) => identifier(name)), ...Object.keys(OWN)]
  await connection.copy(copyStatement(stageName(index), names), stagedLines(index, columns, records, omitted))
}

export const copyStatement = (table: string, names: readonly string[]): string =>
  `copy ${table} (${names.join(', ')}) from stdin with (format text, default '\\D')`

/** For packed rows: in that format a column cannot be left to its default. */
export const packedStatement = (table: string, names: readonly string[]): string =>
  `copy ${table} (${names.join(', ')}) from stdin with (format binary)`

/** One line of COPY's text format for each row of the records. */
export function* copyLines(
  index: number,
  columns: readonly TargetColumn[],
  records: readonly PreparedRecord[],
): Generator<string> {
  for (const { rows } of records) for (const row of rows[index]!) yield `${copyValues(row, columns, 'default')}\n`
}

function* stagedLines(
  index: number,
  columns: readonly TargetColumn[],
  records: readonly PreparedRecord[],
  omitted: Omitted,
): Generator<string> {
  let n = 0
  for (const { rows, position, version = '\\N' } of records)
    for (const row of rows[index]!)
      yield `${copyValues(row, columns, omitted)}\t${(n += 1)}\t${position.record}\t{${omittedPlaces(row, columns).join(',')}}\t${version}\n`
}

/** The places, from 1, of the columns that a row does not mention. */
export const omittedPlaces = (row: RowValues, columns: readonly TargetColumn[]): number[] =>
  columns.flatMap((_, place) => (row[place] === undefined ? [place + 1] : []))

/** The record that the line of a COPY belongs to; lines count from 1. */
export function recordOfLine(index: number, records: readonly PreparedRecord[], line: number): number | null {
  let last = 0
  const found = records.findIndex(({ counts }) => (last += counts[index]!) >= line)
  return found < 0 ? null : found
}

function copyValues(row: RowValues, columns: readonly TargetColumn[], omitted: Omitted): string {
  let line = ''
  for (let place = 0; place < columns.length; place += 1) {
    const column = columns[place]!
    const value = encodeValue(row[place], column)
    const text =
      typeof value === 'string'
        ? escaped(value)
        : value === undefined && omitted === 'default' && column.hasDefault
          ? '\\D'
          : '\\N'
    line += place === 0 ? text : `\t${text}`
  }
  return line
}

const SPECIAL = /[\\\n\r\t]/g
const escapes: Readonly<Record<string, string>> = { '\\': '\\\\', '\n': '\\n', '\r': '\\r', '\t': '\\t' }
const escaped = (text: string): string =>
  SPECIAL.test(text) ? text.replace(SPECIAL, (character) => escapes[character]!) : text
