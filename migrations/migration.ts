/** One direction of a migration, as it stands in its file. */
export interface Script {
  /** Path relative to the config file. */
  readonly file: string
  /** The text with a byte-order mark removed and line ends normalised to `\n`. */
  readonly sql: string
  /** False when the file says `-- landfall: no-transaction`. */
  readonly transaction: boolean
  /** The line of the file at which `sql` begins, counted from 1 (layouts with both directions in one file). */
  readonly firstLine: number
}

/** A version, a name, an `up` and a `down` script; what every layout is read into. */
export interface Migration {
  /** The leading digits as written, e.g. `0001`; ordered as a number. */
  readonly version: string
  readonly name: string
  readonly up: Script
  /** Null when there is no down script, or when it holds no statement. */
  readonly down: Script | null
  /** The reason given by `-- landfall: irreversible <reason>`, else null. */
  readonly irreversible: string | null
}

/** A file of the migrations directory that is not read as a migration, and why. */
export interface FileProblem {
  readonly rule: `files/${string}`
  readonly file: string
  readonly message: string
}

/** Versions are compared as numbers of any length: `9` comes before `0010`. */
export const compareVersions = (a: string, b: string): number => {
  const [x, y] = [BigInt(a), BigInt(b)]
  return x < y ? -1 : x > y ? 1 : 0
}

/** `0001_create_tasks`, as people speak of a migration. */
export const migrationLabel = ({ version, name }: Pick<Migration, 'version' | 'name'>): string => `${version}_${name}`
