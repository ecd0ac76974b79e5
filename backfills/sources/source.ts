/**
 * Where a record stands in its source. All count from 1 but `offset`, which is in bytes from 0; null where there is
 * no file.
 */
export interface Position {
  readonly record: number
  readonly line: number | null
  readonly offset: number | null
}

/** The end of the last record that was taken: reading goes on behind it. */
export type Cursor = Position

/** One record as the source holds it. */
export interface SourceRecord {
  readonly position: Position
  /** Where reading goes on after this record. */
  readonly end: Cursor
  /** The text of the record in a file, or the object of a store. */
  readonly raw: unknown
  readonly parsed:
    | { readonly ok: true; readonly value: unknown }
    | { readonly ok: false; readonly code: string; readonly reason: string }
}

/** What a source was when a run began. Kept in the ledger: another `hash` later means that the source was changed. */
export interface SourceIdentity {
  readonly kind: string
  /** The path as configured, or the name of the store. */
  readonly label: string
  /** sha256, hexadecimal, of the bytes of the file or of every record of the store. */
  readonly hash: string
  /** Bytes; null for a store. */
  readonly size: number | null
  /** ISO 8601; null for a store. For people: two files of one hash are the same source. */
  readonly modifiedAt: string | null
}

/** Where records come from. Reading streams: memory does not grow with the source. */
export interface Source {
  readonly kind: string
  /** The path as configured, or the name of the store. */
  readonly label: string
  /** The file that a record's line belongs to; null for a store. */
  readonly file: string | null
  /** The value of a record's `raw` text; without it `raw` is the value. */
  readonly parse?: (raw: string) => unknown
  /**
   * `root` is the directory of the config file.
   * @throws {LandfallError} `usage` when the source cannot be read
   */
  identity(root: string): Promise<SourceIdentity>
  /**
   * Records in order, in chunks, from the beginning or behind `after`. A record that cannot be parsed is an item too.
   * @throws {LandfallError} `usage` when there is no list of records at all
   */
  read(root: string, after?: Cursor | null): AsyncIterable<readonly SourceRecord[]>
}
