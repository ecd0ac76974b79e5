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
export interface Cursor extends Position {
  /** What a source without a file needs besides: the keys between which a table is still to be read. */
  readonly keys?: TableKeys
}

/** The texts of a key's columns: behind `after`, up to and with `until`. */
export interface TableKeys {
  readonly after: readonly string[] | null
  readonly until: readonly string[]
}

/** One record as the source holds it. */
export interface SourceRecord {
  readonly position: Position
  /** Where reading goes on after this record. */
  readonly end: Cursor
  /** The text of the record in a file, or the object of a store. */
  readonly raw: unknown
  /** For a row of a live table: what says that it is still the row that was read. */
  readonly version?: string
  readonly parsed:
    | { readonly ok: true; readonly value: unknown }
    | { readonly ok: false; readonly code: string; readonly reason: string }
}

/** What a source was when a run began. Kept in the ledger: another `hash` later means that the source was changed. */
export interface SourceIdentity {
  readonly kind: string
  /** The path as configured, or the name of the store. */
  readonly label: string
  /** Hexadecimal; of every byte of the file, of every record of the store, of the name of what is live. */
  readonly hash: string
  /** Bytes; null for a store. */
  readonly size: number | null
  /** ISO 8601; null for a store. For people: two files of one hash are the same source. */
  readonly modifiedAt: string | null
}

/** Where a source that needs one finds its directory or its database. */
export interface SourcePlace {
  /** The directory of the config file. */
  readonly root: string
  readonly url: string
  readonly schema: string
}

/** A part of a source, between two cursors. */
export interface SourcePart {
  /** Behind which its records begin; null: the beginning of the source. */
  readonly behind: Cursor | null
  /** The number of its last record; null: to the end of the source, or of the keys in `behind`. */
  readonly last: number | null
}

/** Where records come from. Reading streams: memory does not grow with the source. */
export interface Source {
  readonly kind: string
  /** The path as configured, or the name of the store or the table. */
  readonly label: string
  /** The file that a record's line belongs to; null where there is none. */
  readonly file: string | null
  /** The value of a record's text; without it `raw` is the value. */
  readonly parse?: (raw: string) => unknown
  /** It may change while it is read, and afterwards: a run is then verified by its journal. */
  readonly live?: boolean
  /** @throws {LandfallError} `usage` when the source cannot be read */
  identity(place: SourcePlace): Promise<SourceIdentity>
  /**
   * Records in order, in chunks, from the beginning or behind `after`. A record that cannot be parsed is an item too.
   * @throws {LandfallError} `usage` when there is no list of records at all
   */
  read(place: SourcePlace, after?: Cursor | null): AsyncIterable<readonly SourceRecord[]>
  /** Cuts it into up to `count` parts, where that takes no reading of all of it. */
  split?(place: SourcePlace, count: number): Promise<readonly SourcePart[]>
  /** Of a live table: the rows at these positions as they are now, in any order; rows that are gone are left out. */
  again?(place: SourcePlace, positions: readonly Cursor[]): Promise<readonly SourceRecord[]>
}
