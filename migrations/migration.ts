/** One direction of a migration, as it stands in its file. */
export interface Script {
  /** Path relative to the config file. */
  readonly file: string
  /** The text with a byte-order mark removed and line ends normalised to `\n`. */
  readonly sql: string
  /** False when the file says so, by `-- landfall: no-transaction` or in the words of its layout. */
  readonly transaction: boolean
  /** The line of the file at which `sql` begins, counted from 1 (layouts with both directions in one file). */
  readonly firstLine: number
}

/** A version, a name, an `up` and a `down` script; what every layout is read into. */
export interface Migration {
  /**
   * The leading digits as written, e.g. `0001`; ordered as a number. Flyway's have parts, written with dots (`1.10`), and
   * its repeatable migrations, which have none, are `R__name` and come last.
   */
  readonly version: string
  readonly name: string
  readonly up: Script
  /** Null when there is no down script, or when it holds no statement. */
  readonly down: Script | null
  /** The reason given by `-- landfall: irreversible <reason>` or by the layout, else null. */
  readonly irreversible: string | null
}

/** A file of the migrations directory that is not read as a migration, or not wholly, and why. */
export interface FileProblem {
  readonly rule: `files/${string}`
  readonly file: string
  readonly message: string
  /** From 1; the first line when it is left out. */
  readonly line?: number
}

/** True for a migration that has no version and runs again whenever its text changes. */
export const isRepeatable = ({ version }: Pick<Migration, 'version'>): boolean => version.startsWith('R__')

/** Two versions are the same when this is the same: `0001` and `1`; `1.0` and `1`. */
export const versionKey = (version: string): string =>
  isRepeatable({ version })
    ? version
    : version
        .split('.')
        .map((part) => BigInt(part).toString())
        .join('.')
        .replace(/(\.0)+$/, '')

/** Versions are compared as numbers of any length, part by part: `9` comes before `0010`, `1.9` before `1.10`. */
export const compareVersions = (a: string, b: string): number => {
  const repeatable = [a, b].map((version) => isRepeatable({ version }))
  if (repeatable[0] || repeatable[1]) {
    return repeatable[0] === repeatable[1] ? compareText(a, b) : repeatable[0] ? 1 : -1
  }
  const [x, y] = [a.split('.'), b.split('.')]
  for (let part = 0; part < Math.max(x.length, y.length); part++) {
    const [i, j] = [BigInt(x[part] ?? 0), BigInt(y[part] ?? 0)]
    if (i !== j) return i < j ? -1 : 1
  }
  return 0
}

/** The order in which migrations run: by version, then, where a version is taken twice, by name. */
export const compareMigrations = (
  a: Pick<Migration, 'version' | 'name'>,
  b: Pick<Migration, 'version' | 'name'>,
): number => compareVersions(a.version, b.version) || compareText(a.name, b.name)

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** `0001_create_tasks`, as people speak of a migration. */
export const migrationLabel = ({ version, name }: Pick<Migration, 'version' | 'name'>): string =>
  isRepeatable({ version }) ? version : `${version}_${name}`
